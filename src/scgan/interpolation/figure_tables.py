"""Figures 4 to 7 of the paper as tables of images, for any model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scgan.faces.alignment import align_face
from scgan.faces.builtin import builtin_sequence
from scgan.interpolation.landmark_paths import draw_masks, landmark_path
from scgan.interpolation.layout import color_masks, resize_images
from scgan.interpolation.render import render
from scgan.utils.figures import ImageTable
from scgan.utils.vectors import fractions, slerp

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer

Masks = NDArray[np.uint8]
Pixels = NDArray[np.uint8]
NamedAttributes = Sequence[tuple[str, NDArray[np.float32]]]
"""Pairs of a description and attributes, float32 (n_c,)."""

_MIN_SIZE = 128  # pixels; smaller images are enlarged
_MAX_ROWS = 4  # sets of attributes in rows
_MOTION_STEPS = 8
_LATENT_STEPS = 5


def paper_tables(
    synthesizer: Synthesizer,
    masks: Masks,
    attributes: NamedAttributes,
    seeds: Sequence[int],
    photos: Pixels | None = None,
) -> dict[str, ImageTable]:
    """Make all tables that the model and the masks allow.

    Args:
        synthesizer: the model.
        masks: uint8 (N, H, W), class indices.
        attributes: at least one.
        seeds: of latents, at least 2; tables with one latent take the first.
        photos: uint8 (N, H, W, 3), the real images of the masks.

    Returns:
        Tables by file name without suffix.
    """
    rows = attributes[:_MAX_ROWS]
    tables = {
        "masks-by-attributes": masks_by_attributes(synthesizer, masks, attributes, seeds[0], photos),
        "attributes-by-latents": attributes_by_latents(synthesizer, masks[0], rows, seeds),
    }
    # A single given mask is compared with those of the examples.
    examples = synthesizer.examples.segmentations
    repeated = (examples[:, None] == masks).all((2, 3)).any(1)
    all_masks = np.concatenate([masks, examples[~repeated]])
    count = min(len(all_masks), len(attributes), len(seeds))
    if count > 1:
        tables["one-at-a-time"] = one_at_a_time(synthesizer, all_masks[:count], attributes[:count], seeds[:count])
    if synthesizer.schema.landmarks:
        tables["nosmile2smile"] = motion_by_attributes(synthesizer, "nosmile2smile", rows, seeds[0])
        tables["left2right"] = motion_by_latents(synthesizer, "left2right", rows[0][1], (seeds[0], seeds[1]))
    return tables


def masks_by_attributes(
    synthesizer: Synthesizer, masks: Masks, attributes: NamedAttributes, seed: int, photos: Pixels | None = None
) -> ImageTable:
    """Masks in rows, attributes in columns, one latent (Figures 4 and 7).

    Args:
        synthesizer: the model.
        masks: uint8 (N, H, W).
        attributes: the columns.
        seed: of the latent.
        photos: uint8 (N, H, W, 3), the real images of the masks, shown beside them.
    """
    vectors = np.stack([vector for _, vector in attributes])
    images = _enlarge(render(synthesizer, masks[:, None], vectors, synthesizer.sample_latent(1, seed)[0]))
    asides = [_colored(synthesizer, masks[:, None])]
    names = ["mask"]
    if photos is not None:
        asides.insert(0, _enlarge(photos[:, None]))
        names.insert(0, "photo")
    return ImageTable(
        title="One latent: each row has its mask, each column its attributes",
        images=np.concatenate([*asides, images], axis=1),
        rows=[f"mask {number}" for number in range(1, len(masks) + 1)],
        columns=[*names, *(name for name, _ in attributes)],
        down="mask",
        across="attributes",
        asides=len(asides),
    )


def attributes_by_latents(
    synthesizer: Synthesizer, mask: Masks, attributes: NamedAttributes, seeds: Sequence[int]
) -> ImageTable:
    """One mask, attributes in rows, latents in columns (Figure 7).

    Args:
        synthesizer: the model.
        mask: uint8 (H, W).
        attributes: the rows.
        seeds: of the latents.
    """
    vectors = np.stack([vector for _, vector in attributes])
    images = _enlarge(render(synthesizer, mask, vectors[:, None], _latents(synthesizer, seeds)[None]))
    masks = _colored(synthesizer, np.broadcast_to(mask, (len(attributes), 1, *mask.shape)))
    return ImageTable(
        title="One mask: each row has its attributes, each column its latent",
        images=np.concatenate([masks, images], axis=1),
        rows=[name for name, _ in attributes],
        columns=["mask", *(f"seed {seed}" for seed in seeds)],
        down="attributes",
        across="latent",
        asides=1,
    )


def one_at_a_time(
    synthesizer: Synthesizer, masks: Masks, attributes: NamedAttributes, seeds: Sequence[int]
) -> ImageTable:
    """Equal mask, attributes and latent in the first column; each row varies one of the three.

    Args:
        synthesizer: the model.
        masks: uint8 (K, H, W).
        attributes: K of them.
        seeds: K, of the latents.
    """
    vectors, latents = np.stack([vector for _, vector in attributes]), _latents(synthesizer, seeds)
    mask, vector, latent = masks[0], vectors[0], latents[0]
    inputs = ((masks, vector, latent), (mask, vectors, latent), (mask, vector, latents))
    images = np.stack([_enlarge(render(synthesizer, *row)) for row in inputs])
    return ImageTable(
        title="Mask, attributes and latent, one varied at a time",
        images=np.concatenate([_colored(synthesizer, masks[None]), images]),
        rows=["the masks", "mask varies", "attributes vary", "latent varies"],
        columns=["the same", *(f"{number}" for number in range(2, len(masks) + 1))],
        down="",
        across="",
        asides=1,
        captions={(2, column): name for column, (name, _) in enumerate(attributes)}
        | {(3, column): f"seed {seed}" for column, seed in enumerate(seeds)},
    )


def motion_by_attributes(
    synthesizer: Synthesizer, motion: str, attributes: NamedAttributes, seed: int, steps: int = _MOTION_STEPS
) -> ImageTable:
    """A built-in motion in columns, attributes in rows, one latent (Figure 5).

    Args:
        synthesizer: a model whose masks are drawn from landmarks.
        motion: a name of ``end_points.MOTIONS``.
        attributes: the rows.
        seed: of the latent.
        steps: columns.
    """
    masks = _builtin_masks(synthesizer, motion, steps)
    vectors = np.stack([vector for _, vector in attributes])
    images = render(synthesizer, masks[None], vectors[:, None], synthesizer.sample_latent(1, seed)[0])
    return _motion_table(synthesizer, motion, masks, images, [name for name, _ in attributes], "attributes")


def motion_by_latents(
    synthesizer: Synthesizer,
    motion: str,
    attributes: NDArray[np.float32],
    seeds: tuple[int, int],
    steps: int = _MOTION_STEPS,
) -> ImageTable:
    """A built-in motion in columns, the path from one latent to another in rows, equal attributes (Figure 6).

    Args:
        synthesizer: a model whose masks are drawn from landmarks.
        motion: a name of ``end_points.MOTIONS``.
        attributes: float32 (n_c,).
        seeds: of the first and the last row.
        steps: columns.
    """
    masks, positions = _builtin_masks(synthesizer, motion, steps), fractions(_LATENT_STEPS)
    start, end = _latents(synthesizer, seeds)
    latents = slerp(start, end, positions)
    images = render(synthesizer, masks[None], attributes, latents[:, None])
    names = [f"seed {seeds[0]}", *(f"{position:.0%}" for position in positions[1:-1]), f"seed {seeds[1]}"]
    return _motion_table(synthesizer, motion, masks, images, names, "latent")


def _motion_table(
    synthesizer: Synthesizer, motion: str, masks: Masks, images: Pixels, names: list[str], down: str
) -> ImageTable:
    return ImageTable(
        title=f"{motion}: masks of moving landmarks, each row has its {down}",
        images=np.concatenate([_colored(synthesizer, masks[None]), _enlarge(images)]),
        rows=["mask", *names],
        columns=[f"{position:.0%}" for position in fractions(len(masks))],
        down=down,
        across=f"position in {motion}",
    )


def _builtin_masks(synthesizer: Synthesizer, motion: str, steps: int) -> Masks:
    landmarks = synthesizer.examples.landmarks
    assert landmarks is not None  # the model's masks are drawn from landmarks
    path = align_face(landmark_path(builtin_sequence(motion), steps), landmarks.mean(axis=0))
    return draw_masks(path, synthesizer.schema.image_size)


def _latents(synthesizer: Synthesizer, seeds: Sequence[int]) -> NDArray[np.float32]:
    return np.concatenate([synthesizer.sample_latent(1, seed) for seed in seeds])


def _colored(synthesizer: Synthesizer, masks: Masks) -> Pixels:
    return color_masks(masks, synthesizer.schema, max(_MIN_SIZE, synthesizer.schema.image_size))


def _enlarge(images: Pixels) -> Pixels:
    return resize_images(images, max(_MIN_SIZE, images.shape[-2]), smooth=True)
