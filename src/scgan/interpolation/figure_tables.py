"""The paper's figures 4 to 7 as tables of pictures, for any model."""

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
NamedLabels = Sequence[tuple[str, NDArray[np.float32]]]
"""Descriptions and labels, float32 (n_c,) each."""


def masks_by_labels(
    synthesizer: Synthesizer, masks: Masks, labels: NamedLabels, seed: int, photos: Pixels | None = None
) -> ImageTable:
    """Rows of masks, columns of labels, one latent (Figures 4 and 7).

    Args:
        synthesizer: the model.
        masks: uint8 (N, H, W).
        labels: the columns.
        seed: of the latent.
        photos: uint8 (N, H, W, 3), the real images of the masks, shown beside them.
    """
    vectors = np.stack([label for _, label in labels])
    images = _shown(render(synthesizer, masks[:, None], vectors, synthesizer.sample_latent(1, seed)[0]))
    beside = [color_masks(masks[:, None], synthesizer.schema, _size(synthesizer))]
    names = ["mask"]
    if photos is not None:
        beside.insert(0, _shown(photos[:, None]))
        names.insert(0, "photo")
    return ImageTable(
        title="One latent: each row obeys its mask, each column its label",
        images=np.concatenate([*beside, images], axis=1),
        rows=[f"mask {number}" for number in range(1, len(masks) + 1)],
        columns=[*names, *(name for name, _ in labels)],
        down="mask",
        across="label",
        asides=len(beside),
    )


def labels_by_latents(synthesizer: Synthesizer, mask: Masks, labels: NamedLabels, seeds: Sequence[int]) -> ImageTable:
    """One mask with many latents in columns, and a few labels in rows (Figure 7).

    Args:
        synthesizer: the model.
        mask: uint8 (H, W).
        labels: the rows.
        seeds: of the latents.
    """
    vectors = np.stack([label for _, label in labels])
    latents = _latents(synthesizer, seeds)
    images = _shown(render(synthesizer, mask, vectors[:, None], latents[None]))
    shown = color_masks(np.broadcast_to(mask, (len(labels), 1, *mask.shape)), synthesizer.schema, _size(synthesizer))
    return ImageTable(
        title="One mask: each row has its label, each column its latent",
        images=np.concatenate([shown, images], axis=1),
        rows=[name for name, _ in labels],
        columns=["mask", *(f"seed {seed}" for seed in seeds)],
        down="label",
        across="latent",
        asides=1,
    )


def one_at_a_time(synthesizer: Synthesizer, masks: Masks, labels: NamedLabels, seeds: Sequence[int]) -> ImageTable:
    """The same mask, label and latent in the first column; each row varies one of the three.

    Args:
        synthesizer: the model.
        masks: uint8 (K, H, W).
        labels: K of them.
        seeds: K, of the latents.
    """
    vectors, latents = np.stack([label for _, label in labels]), _latents(synthesizer, seeds)
    mask, vector, latent = masks[0], vectors[0], latents[0]
    varied = ((masks, vector, latent), (mask, vectors, latent), (mask, vector, latents))
    images = np.stack([_shown(render(synthesizer, *inputs)) for inputs in varied])
    columns = range(len(masks))
    return ImageTable(
        title="The same three inputs, one varied at a time",
        images=np.concatenate([color_masks(masks[None], synthesizer.schema, _size(synthesizer)), images]),
        rows=["the masks", "mask varies", "label varies", "latent varies"],
        columns=["the same", *(f"{column + 1}" for column in columns[1:])],
        down="",
        across="",
        asides=1,
        captions={(2, column): name for column, (name, _) in enumerate(labels)}
        | {(3, column): f"seed {seed}" for column, seed in enumerate(seeds)},
    )


def motion_by_labels(
    synthesizer: Synthesizer, motion: str, labels: NamedLabels, seed: int, steps: int = 8
) -> ImageTable:
    """A built-in motion in columns, labels in rows, one latent (Figure 5).

    Args:
        synthesizer: a model whose masks are drawn from points.
        motion: a name of ``end_points.MOTIONS``.
        labels: the rows.
        seed: of the latent.
        steps: columns.
    """
    masks = _builtin_masks(synthesizer, motion, steps)
    vectors = np.stack([label for _, label in labels])
    images = _shown(render(synthesizer, masks[None], vectors[:, None], synthesizer.sample_latent(1, seed)[0]))
    return _motion_table(synthesizer, motion, masks, images, [name for name, _ in labels], "label")


def motion_by_latents(
    synthesizer: Synthesizer, motion: str, label: NDArray[np.float32], seeds: tuple[int, int], steps: int = 8
) -> ImageTable:
    """A built-in motion in columns, in rows the way from one latent to another, one label (Figure 6).

    Args:
        synthesizer: a model whose masks are drawn from points.
        motion: a name of ``end_points.MOTIONS``.
        label: float32 (n_c,).
        seeds: of the first and the last row.
        steps: columns; the rows are 5.
    """
    masks, at = _builtin_masks(synthesizer, motion, steps), fractions(5)
    start, end = _latents(synthesizer, seeds)
    latents = slerp(start, end, at)
    images = _shown(render(synthesizer, masks[None], label, latents[:, None]))
    names = [f"seed {seeds[0]}", *(f"{share:.0%}" for share in at[1:-1]), f"seed {seeds[1]}"]
    return _motion_table(synthesizer, motion, masks, images, names, "latent")


def _motion_table(
    synthesizer: Synthesizer, motion: str, masks: Masks, images: Pixels, names: list[str], down: str
) -> ImageTable:
    return ImageTable(
        title=f"{motion}: the same points move, each row keeps its {down}",
        images=np.concatenate([color_masks(masks[None], synthesizer.schema, _size(synthesizer)), images]),
        rows=["mask", *names],
        columns=[f"{share:.0%}" for share in fractions(len(masks))],
        down=down,
        across=f"share of the way {motion}",
    )


def _builtin_masks(synthesizer: Synthesizer, motion: str, steps: int) -> Masks:
    points = synthesizer.examples.landmarks
    assert points is not None  # the model's masks are drawn from points
    path = align_face(landmark_path(builtin_sequence(motion), steps), points.mean(axis=0))
    return draw_masks(path, synthesizer.schema.image_size)


def _latents(synthesizer: Synthesizer, seeds: Sequence[int]) -> NDArray[np.float32]:
    return np.concatenate([synthesizer.sample_latent(1, seed) for seed in seeds])


def _size(synthesizer: Synthesizer) -> int:
    """Pixels at which pictures are drawn: small ones would show their pixels."""
    return max(128, synthesizer.schema.image_size)


def _shown(images: Pixels) -> Pixels:
    return resize_images(images, max(128, images.shape[-2]), smooth=True)
