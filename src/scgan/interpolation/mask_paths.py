"""Paths between two masks of any classes, for data without landmarks.

Each class moves and changes its outline. Each pixel of each frame has one class.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, map_coordinates

from scgan.utils.errors import UserError

Mask = NDArray[np.uint8]
_Floats = NDArray[np.float64]


def interpolate_masks(start: Mask, end: Mask, at: NDArray[Any]) -> Mask:
    """Interpolate between two masks.

    The centre and extent of each class change linearly; in this moving frame the signed distance to its outline is
    interpolated. (Signed distance alone makes a class vanish half-way if it does not overlap with its target.) A class
    of only one mask grows from nothing or shrinks to nothing. The union of all classes but the background is
    interpolated in the same way. Inside of it the smaller class has priority, and the nearest class fills gaps.

    Args:
        start: integers (H, W), class indices; 0 is the background.
        end: the same shape.
        at: positions in [0, 1], (S,).

    Returns:
        uint8 (S, H, W); ``start`` itself at 0, ``end`` itself at 1.

    Raises:
        UserError: the masks have different shapes.
    """
    return np.stack(list(mask_frames(start, end, at)))


def mask_frames(start: Mask, end: Mask, at: NDArray[Any]) -> Iterator[Mask]:
    """Interpolate as ``interpolate_masks``, one mask at a time: uint8 (H, W) each."""
    start, end = np.asarray(start), np.asarray(end)
    if start.shape != end.shape or start.ndim != 2:
        raise UserError(f"a path of masks needs masks of one size, not {start.shape} and {end.shape}.")
    union = _Region(start > 0, end > 0)
    indices = np.union1d(start, end)
    classes = [(int(index), _Region(start == index, end == index)) for index in indices if index]
    classes.sort(key=lambda item: item[1].area, reverse=True)  # drawn in this order: the smallest lies on top
    for position in at:
        yield _mask_at(union, classes, float(position))


def _mask_at(union: _Region, classes: list[tuple[int, _Region]], position: float) -> Mask:
    mask = np.zeros(union.size, np.uint8)
    if not classes:
        return mask
    distances = np.stack([region.distance(position) for _, region in classes])
    inside = union.distance(position) > 0
    numbers = np.array([index for index, _ in classes], np.uint8)
    # The last class that covers a pixel lies on top; the nearest class fills pixels that none covers.
    covered = distances > 0
    topmost = len(classes) - 1 - covered[::-1].argmax(axis=0)
    chosen = np.where(covered.any(axis=0), topmost, distances.argmax(axis=0))
    mask[inside] = numbers[chosen][inside]
    return mask


class _Region:
    """Region of one class in both masks."""

    def __init__(self, start: NDArray[np.bool_], end: NDArray[np.bool_]) -> None:
        self.size = start.shape
        self.area = int(start.sum()) + int(end.sum())
        # A class that is missing in one mask stays where it is in the other.
        ends = [start if start.any() else end, end if end.any() else start]
        self._frames = [_frame(mask) for mask in ends]
        self._distances = [_signed_distance(mask) for mask in ends]
        self._missing = [not start.any(), not end.any()]
        self._grid = np.indices(self.size, np.float64)

    def distance(self, position: float) -> _Floats:
        """Signed distance to the outline at a position of the path, (H, W), in pixels, positive inside."""
        weights = (1 - position, position)
        if all(self._missing):
            return np.full(self.size, -1.0)
        center, extent = (sum(w * frame[k] for w, frame in zip(weights, self._frames, strict=True)) for k in (0, 1))
        total = np.zeros(self.size)
        for weight, missing, (own_center, own_extent), distances in zip(
            weights, self._missing, self._frames, self._distances, strict=True
        ):
            if not weight:
                continue
            coordinates = (self._grid - center) / extent * own_extent + own_center
            sampled = map_coordinates(distances, coordinates, order=1, mode="nearest")
            if distances.min() > 0:  # the class fills the mask: beyond the image border lies its outside
                last = np.array(self.size).reshape(2, 1, 1) - 1
                sampled -= np.abs(coordinates - np.clip(coordinates, 0, last)).max(axis=0)
            total += weight * (sampled - distances.max() if missing else sampled)
        return total


def _frame(mask: NDArray[np.bool_]) -> tuple[_Floats, _Floats]:
    """Centre and extent of a class along rows and columns, each (2, 1, 1), in pixels."""
    rows, columns = np.nonzero(mask)
    if not rows.size:
        return np.zeros((2, 1, 1)), np.ones((2, 1, 1))
    center = np.array([rows.mean(), columns.mean()])
    extent = np.array([rows.std(), columns.std()])
    return center.reshape(2, 1, 1), np.maximum(extent, 0.5).reshape(2, 1, 1)


def _signed_distance(mask: NDArray[np.bool_]) -> _Floats:
    """Distance of pixel centres to the outline, which runs between the pixels; positive inside."""
    if not mask.any():
        return np.full(mask.shape, -1.0)
    if mask.all():  # without any other outline, the image border counts as one
        return distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1] - 0.5
    return np.where(mask, distance_transform_edt(mask) - 0.5, 0.5 - distance_transform_edt(~mask))
