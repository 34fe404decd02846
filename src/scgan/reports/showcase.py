"""Showcase of models as one HTML page: grids, interpolations, an animation and scores, without any photo."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scgan import interpolation
from scgan.evaluation.measures import key_scores
from scgan.interpolation import layout, render
from scgan.reports.page import LEAD, Figure, PageImage, Section, write_page
from scgan.reports.sections import (
    Variation,
    attribute_variations,
    attributes_section,
    latents_section,
    scores_section,
)
from scgan.utils.spread import spread_rows
from scgan.utils.video import gif, ping_pong

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer

Pixels = NDArray[np.uint8]

_MASKS = 4
_ROWS = 3
_STEPS = 9
_FRAMES = 24
_SIZE = 96  # pixels of an image's side in strips
_FRAME_RATE = 12.0


def write_showcase(path: Path, models: Mapping[str, Synthesizer], seed: int = 0) -> None:
    """Write the page.

    Args:
        path: the HTML file.
        models: by their names on the command line; masks and attributes are those of their own examples.
        seed: of the latents.
    """
    sections = [section for name, model in models.items() for section in _sections(name, model, seed)]
    write_page(path, f"SCGAN: {', '.join(models)}", LEAD, sections)


def _sections(name: str, synthesizer: Synthesizer, seed: int) -> list[Section]:
    masks, attributes, _ = synthesizer.examples
    rows = spread_rows(len(masks), _MASKS)
    variations = attribute_variations(attributes, synthesizer.schema)
    sections = [
        _summary(name, synthesizer),
        attributes_section(f"{name}: masks and attributes", synthesizer, masks[rows], variations, seed),
        latents_section(f"{name}: latents", synthesizer, masks[rows], attributes[rows], seed),
        _interpolations(f"{name}: interpolation", synthesizer, rows, variations, seed),
    ]
    if synthesizer.scores:
        sections.append(scores_section(f"{name}: scores", synthesizer.scores))
    return sections


def _summary(name: str, synthesizer: Synthesizer) -> Section:
    schema = synthesizer.schema
    facts = [
        ("Pixels", f"{schema.image_size} × {schema.image_size}"),
        ("Classes · attributes", f"{schema.class_count} · {schema.attribute_count}"),
        *key_scores(synthesizer.scores or {}),
    ]
    values = {"about": synthesizer.model.about.title, "facts": facts, "name": shlex.quote(name)}
    return Section(name, "model", values)


def _interpolations(
    title: str, synthesizer: Synthesizer, rows: NDArray[np.int64], variations: list[Variation], seed: int
) -> Section:
    """Strips along masks, attributes and latents, and an animation along masks."""
    masks, attributes, _ = synthesizer.examples
    base = variations[0][1]
    latents = synthesizer.sample_latent(_ROWS, seed)
    strips = []
    for name, path in _mask_paths(synthesizer, rows, _STEPS):
        caption = f"{name}: each column has one mask, each row one latent."
        strips.append(_strip(synthesizer, path[None], base[None, None], latents[:, None], name, caption))
    ends = np.stack([values for _, values in variations[1 : 1 + _ROWS]] or [base])
    if synthesizer.schema.attribute_count:
        names = ", ".join(name for name, _ in variations[1 : 1 + _ROWS])
        caption = f"From one set of attributes to another, a row for each: {names}."
        between = [interpolation.lerp(base, end, interpolation.fractions(_STEPS)) for end in ends]
        changing = np.stack(between).astype(np.float32)
        strips.append(_strip(synthesizer, masks[rows[:1], None], changing, latents[:1, None], "attributes", caption))
    arc = interpolation.piecewise_path(synthesizer.sample_latent(2, seed), _STEPS, interpolation.slerp)
    few, arc = rows[:_ROWS], arc.astype(np.float32)
    caption = "From one latent to another."
    strips.append(_strip(synthesizer, masks[few, None], attributes[few, None], arc[None], "latents", caption))
    name, path = _mask_paths(synthesizer, rows, _FRAMES)[0]
    images = render(synthesizer, path[None], np.stack([base, *ends])[:, None], latents[:1, None])
    animation = {
        "caption": f"{name} with {len(images)} sets of attributes.",
        "gif": _animation(synthesizer, images, path),
        "alt": f"{name}, animated",
    }
    return Section(title, "interpolation", {"strips": strips, "animation": animation})


def _animation(synthesizer: Synthesizer, images: Pixels, masks: Pixels) -> bytes:
    """Animate images (rows, steps, H, W, 3) side by side with their masks (steps, H, W), forth and back."""
    colored = layout.color_masks(masks[None], synthesizer.schema, _SIZE)
    frames = layout.frames(layout.resize_images(images, _SIZE, smooth=True), colored)
    return gif(ping_pong(frames), _FRAME_RATE)


def _mask_paths(synthesizer: Synthesizer, rows: NDArray[np.int64], steps: int) -> list[tuple[str, Pixels]]:
    """Titles with masks (steps, H, W): a face that turns and smiles, or one example's mask becoming another's."""
    schema, examples = synthesizer.schema, synthesizer.examples
    if examples.landmarks is None:
        path = interpolation.piecewise_path(examples.segmentations[rows[:2]], steps, interpolation.interpolate_masks)
        return [("From one mask to another", path)] if len(rows) > 1 else [("One mask", path)]
    position = examples.landmarks.mean(axis=0)
    titles = {"left2right": "A face turns", "nosmile2smile": "A face smiles"}
    return [
        (
            title,
            interpolation.draw_masks(
                interpolation.align_face(
                    interpolation.landmark_path(interpolation.builtin_sequence(motion), steps), position
                ),
                schema.image_size,
            ),
        )
        for motion, title in titles.items()
    ]


def _strip(
    synthesizer: Synthesizer,
    masks: Pixels,
    attributes: NDArray[np.float32],
    latents: NDArray[np.float32],
    name: str,
    caption: str,
) -> Figure:
    """Sheet of all combinations, as ``render`` generates them, with their masks."""
    images = layout.resize_images(render(synthesizer, masks, attributes, latents), _SIZE, smooth=True)
    sheet = layout.sheet(images, layout.color_masks(masks, synthesizer.schema, _SIZE))
    return Figure(PageImage(sheet, f"strip: {name}"), caption)
