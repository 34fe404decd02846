"""What models can do, as one HTML page: grids, strips, a moving picture and their scores. No photo is in it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scgan import interpolation
from scgan.evaluation.scores import key_scores
from scgan.interpolation import layout, render
from scgan.reports.page import Section, commands, facts, moving_picture, picture, text, write_page
from scgan.reports.pieces import Variation, attribute_variations, attributes_pieces, latents_pieces, scores_pieces
from scgan.utils.video import gif, ping_pong

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer

Pixels = NDArray[np.uint8]

_MASKS = 4
_ROWS = 3
_STEPS = 9
_FRAMES = 24
_SIZE = 96  # pixels of a picture's side in strips
_FRAME_RATE = 12.0


def write_showcase(path: Path, models: Mapping[str, Synthesizer], seed: int = 0) -> None:
    """Write the page.

    Args:
        path: the HTML file.
        models: by the names that commands know them by; masks and labels are those of their own examples.
        seed: decides the latents.
    """
    sections = [section for name, model in models.items() for section in _sections(name, model, seed)]
    lead = (
        "Images made from a mask that says where things are, labels that say what they are, and a latent for the rest."
    )
    write_page(path, f"SCGAN: {', '.join(models)}", lead, sections)


def _sections(name: str, synthesizer: Synthesizer, seed: int) -> list[Section]:
    masks, labels, _ = synthesizer.examples
    rows = np.linspace(0, len(masks) - 1, min(_MASKS, len(masks))).astype(int)
    variations = attribute_variations(labels, synthesizer.schema)
    sections = [
        Section(name, _summary(name, synthesizer)),
        Section(f"{name}: masks and labels", attributes_pieces(synthesizer, masks[rows], variations, seed)),
        Section(f"{name}: latents", latents_pieces(synthesizer, masks[rows], labels[rows], seed)),
        Section(f"{name}: in motion", _motion(synthesizer, rows, variations, seed)),
    ]
    if synthesizer.scores:
        sections.append(Section(f"{name}: scores", scores_pieces(synthesizer.scores)))
    return sections


def _summary(name: str, synthesizer: Synthesizer) -> list[str]:
    schema = synthesizer.schema
    size = f"{schema.image_size} × {schema.image_size}"
    values = [("Pixels", size), ("Classes · attributes", f"{schema.class_count} · {schema.attribute_count}")]
    title = synthesizer.model.about.title
    called = shlex.quote(name)
    return [
        *([text(title)] if title else []),
        facts(values + key_scores(synthesizer.scores or {})),
        text("Paint, drag and choose yourself in the studio, or make pictures on the command line:"),
        commands([f"scgan studio {called}", f"scgan generate {called} --count 4 --seed 1 --out pictures"]),
    ]


def _motion(synthesizer: Synthesizer, rows: NDArray[np.int64], variations: list[Variation], seed: int) -> list[str]:
    """Strips along masks, labels and latents, the last of masks also as a moving picture."""
    masks, labels, _ = synthesizer.examples
    base = variations[0][1]
    latents = synthesizer.sample_latent(_ROWS, seed)
    pieces = []
    for title, path in _mask_paths(synthesizer, rows, _STEPS):
        pieces.append(text(f"{title}: each column has one mask, each row one latent."))
        pieces.append(_strip(synthesizer, path[None], base[None, None], latents[:, None], title))
    changed = np.stack([label for _, label in variations[1 : 1 + _ROWS]] or [base])
    between = np.stack([interpolation.lerp(base, label, interpolation.fractions(_STEPS)) for label in changed])
    if synthesizer.schema.attribute_count:
        names = ", ".join(name for name, _ in variations[1 : 1 + _ROWS])
        pieces.append(text(f"From one label to another, a row for each: {names}."))
        pieces.append(
            _strip(synthesizer, masks[rows[:1], None], between.astype(np.float32), latents[:1, None], "labels")
        )
    arc = interpolation.piecewise_path(synthesizer.sample_latent(2, seed), _STEPS, interpolation.slerp).astype(
        np.float32
    )
    pieces.append(text("From one latent to another."))
    few = rows[:_ROWS]
    pieces.append(_strip(synthesizer, masks[few, None], labels[few, None], arc[None], "latents"))
    title, path = _mask_paths(synthesizer, rows, _FRAMES)[0]
    images = render(synthesizer, path[None], np.stack([base, *changed])[:, None], latents[:1, None])
    shown = layout.color_masks(path[None], synthesizer.schema, _SIZE)
    frames = layout.frames(layout.resize_images(images, _SIZE, smooth=True), shown)
    pieces.append(text(f"{title} with {len(images)} labels."))
    pieces.append(moving_picture(gif(ping_pong(frames), _FRAME_RATE), f"{title}, moving"))
    return pieces


def _mask_paths(synthesizer: Synthesizer, rows: NDArray[np.int64], steps: int) -> list[tuple[str, Pixels]]:
    """Titles with masks (steps, H, W): a face that turns and smiles, or one example's shape becoming another's."""
    schema, examples = synthesizer.schema, synthesizer.examples
    if examples.landmarks is None:
        shapes = interpolation.piecewise_path(examples.segmentations[rows[:2]], steps, interpolation.interpolate_masks)
        return [("From one shape to another", shapes)] if len(rows) > 1 else [("One shape", shapes)]
    place = examples.landmarks.mean(axis=0)
    titles = {"left2right": "A face turns", "nosmile2smile": "A face smiles"}
    return [
        (
            title,
            interpolation.draw_masks(
                interpolation.align_face(
                    interpolation.landmark_path(interpolation.builtin_sequence(motion), steps), place
                ),
                schema.image_size,
            ),
        )
        for motion, title in titles.items()
    ]


def _strip(
    synthesizer: Synthesizer,
    masks: Pixels,
    labels: NDArray[np.float32],
    latents: NDArray[np.float32],
    name: str,
) -> str:
    """A sheet of all combinations, as ``render`` makes them, with their masks."""
    images = layout.resize_images(render(synthesizer, masks, labels, latents), _SIZE, smooth=True)
    return picture(layout.sheet(images, layout.color_masks(masks, synthesizer.schema, _SIZE)), f"strip: {name}")
