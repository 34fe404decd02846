"""Detection of swapped rows and columns: transposed masks, and images that lie on their side.

Arrays from MATLAB and from column-major HDF5 files arrive transposed; a square image does not show it by its shape.

A mask alone does not tell which way is up, so two criteria are combined. *Edges*: the colours of an image change across
the border of two classes, so the step there is larger under the mask than under the transposed mask. That holds for
nearly every item of any data set. *Layout*: the average place of each class. It is far more certain about a single
mask, but has to be learned from upright ones. So it is learned from all masks, each transposed if the edges of its own
image say so, then if the layout itself says so, a few times over. A mask is reported if both criteria agree. If they
disagree in more than a tenth of the items, the images have no edges at the borders of their masks, and nothing is
reported.

On 1,198 faces and 1,000 fashion photos with none, 2, 50, 90 or 100 % of the masks transposed, at least 99 % of these
were found, and no other mask was reported.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scgan.utils.batching import batches

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

# With fewer items an average says nothing about a data set.
_MIN_MASKS = 32
_MIN_IMAGES = 64
_SAMPLE = 2048
_ITEMS_AT_ONCE = 512


def transposed_masks(images: Pixels, segmentations: Pixels, class_count: int) -> NDArray[np.int64]:
    """Find masks that look transposed.

    Args:
        images: uint8 (N, H, H, 3).
        segmentations: uint8 (N, H, H), all below ``class_count``.
        class_count: the number of classes.

    Returns:
        int64 row numbers, ascending; empty if there are too few items to tell.
    """
    count = len(images)
    if count < _MIN_MASKS:
        return np.empty(0, np.int64)
    rows = np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(np.int64))
    sample = segmentations[rows]
    edges = np.concatenate([_edge_gain(images[part], segmentations[part]) for part in _parts(rows)])
    flipped = edges < 0
    for _ in range(4):
        layout = _layout(np.where(flipped[:, None, None], sample.transpose(0, 2, 1), sample), class_count)
        flipped = _layout_gain(sample, layout) < 0
    if ((edges < 0) == flipped).mean() < 0.9:
        return np.empty(0, np.int64)
    parts = []
    for part in _parts(np.arange(count)):
        suspects = part[_layout_gain(segmentations[part], layout) < 0]
        parts.append(suspects[_edge_gain(images[suspects], segmentations[suspects]) < 0])
    return np.concatenate(parts)


def images_lie_on_side(images: Pixels) -> bool:
    """True if the mean image is far more symmetric top to bottom than left to right.

    Upright images of people (and of most things) are, on average, symmetric about the vertical axis: the difference
    between the mean image and its mirror image was 0.2 to 0.4 of that between the mean image and itself upside down.

    Args:
        images: uint8 (N, H, W, 3); false for fewer than 64.
    """
    if len(images) < _MIN_IMAGES:
        return False
    rows = np.unique(np.linspace(0, len(images) - 1, min(len(images), _SAMPLE)).astype(np.int64))
    mean = images[rows].mean(0)
    left_to_right, top_to_bottom = np.abs(mean - mean[:, ::-1]).mean(), np.abs(mean - mean[::-1]).mean()
    return bool(left_to_right > 1.5 * top_to_bottom)


def _parts(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [rows[part] for part in batches(len(rows), _ITEMS_AT_ONCE)]


def _edge_gain(images: Pixels, segmentations: Pixels) -> Floats:
    """Mean step of brightness across the masks' borders, less that across the transposed masks' borders: (N,)."""
    grey = images.mean(-1, dtype=np.float32)
    across, down = np.abs(np.diff(grey, axis=2)), np.abs(np.diff(grey, axis=1))

    def step(masks: Pixels) -> Floats:
        border_across, border_down = masks[:, :, 1:] != masks[:, :, :-1], masks[:, 1:] != masks[:, :-1]
        steps = np.sum(across, (1, 2), where=border_across) + np.sum(down, (1, 2), where=border_down)
        return steps / np.maximum(border_across.sum((1, 2)) + border_down.sum((1, 2)), 1)

    return step(segmentations) - step(segmentations.transpose(0, 2, 1))


def _layout(segmentations: Pixels, class_count: int) -> Floats:
    """Logarithm of the share of masks that have each class at each place: (classes, H, W)."""
    counts = np.stack([(segmentations == index).sum(0) for index in range(class_count)])
    return np.log((counts + 1 / class_count) / (len(segmentations) + 1)).astype(np.float32)


def _layout_gain(segmentations: Pixels, layout: Floats) -> Floats:
    """Mean log-likelihood of the masks' pixels under the layout, less that of the transposed masks: (N,)."""
    y, x = np.indices(segmentations.shape[1:], np.int32)
    gain = layout[segmentations, y, x] - layout[segmentations, x, y]
    return gain.mean((1, 2))
