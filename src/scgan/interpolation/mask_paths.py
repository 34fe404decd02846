"""Paths between two masks of any classes, for data without landmarks: every class moves and changes its shape.

Nothing is faded over: each pixel of each mask on the way has one class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, map_coordinates

from scgan.utils.errors import UserError

Mask = NDArray[np.uint8]
_Floats = NDArray[np.float64]


def interpolate_masks(start: Mask, end: Mask, at: NDArray[Any]) -> Mask:
    """Masks on the way from one to another.

    Each class glides: its centre and its extent change evenly, and what its shape differs in is interpolated as the
    signed distance to its outline. (Signed distance alone makes a part vanish half-way when it does not overlap with
    where it goes.) A class that only one mask has grows from nothing or shrinks to nothing. The figure as a whole moves
    in the same way; inside of it, where classes meet, the smaller one has priority, and a gap is closed by the class
    next to it.

    Args:
        start: integers (H, W), class indices; 0 is the background.
        end: the same shape.
        at: shares of the way in [0, 1], (S,).

    Returns:
        uint8 (S, H, W); ``start`` itself at 0, ``end`` itself at 1.

    Raises:
        UserError: the masks have different shapes.
    """
    start, end = np.asarray(start), np.asarray(end)
    if start.shape != end.shape or start.ndim != 2:
        raise UserError(f"a shape path joins two masks of one size, not {start.shape} and {end.shape}.")
    figure = _Shape(start > 0, end > 0)
    indices = np.union1d(start, end)
    classes = [(int(index), _Shape(start == index, end == index)) for index in indices if index]
    classes.sort(key=lambda item: item[1].area, reverse=True)  # painted in this order: the smallest lies on top
    return np.stack([_mask_at(figure, classes, float(share)) for share in at])


def _mask_at(figure: _Shape, classes: list[tuple[int, _Shape]], share: float) -> Mask:
    mask = np.zeros(figure.size, np.uint8)
    if not classes:
        return mask
    distances = np.stack([shape.distance(share) for _, shape in classes])
    inside = figure.distance(share) > 0
    numbers = np.array([index for index, _ in classes], np.uint8)
    # The last positive one was painted last; without any, the nearest closes the gap.
    painted = distances > 0
    topmost = len(classes) - 1 - painted[::-1].argmax(axis=0)
    chosen = np.where(painted.any(axis=0), topmost, distances.argmax(axis=0))
    mask[inside] = numbers[chosen][inside]
    return mask


class _Shape:
    """One class in both masks."""

    def __init__(self, start: NDArray[np.bool_], end: NDArray[np.bool_]) -> None:
        self.size = start.shape
        self.area = int(start.sum()) + int(end.sum())
        # A class that is missing in one mask stays where it is in the other.
        ends = [start if start.any() else end, end if end.any() else start]
        self._frames = [_frame(mask) for mask in ends]
        self._distances = [_signed_distance(mask) for mask in ends]
        self._missing = [not start.any(), not end.any()]
        self._grid = np.indices(self.size, np.float64)

    def distance(self, share: float) -> _Floats:
        """Signed distance to the outline at a share of the way (H, W), in pixels, positive inside."""
        weights = (1 - share, share)
        if all(self._missing):
            return np.full(self.size, -1.0)
        center, extent = (sum(w * frame[k] for w, frame in zip(weights, self._frames, strict=True)) for k in (0, 1))
        total = np.zeros(self.size)
        for weight, missing, (own_center, own_extent), distances in zip(
            weights, self._missing, self._frames, self._distances, strict=True
        ):
            if not weight:
                continue
            places = (self._grid - center) / extent * own_extent + own_center
            found = map_coordinates(distances, places, order=1, mode="nearest")
            total += weight * (found - distances.max() if missing else found)
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
    # Outside of the picture nothing is known: only a full mask has no outline at all.
    outside = distance_transform_edt(~mask)
    inside = distance_transform_edt(mask) if not mask.all() else np.full(mask.shape, float(max(mask.shape)))
    return np.where(mask, inside - 0.5, 0.5 - outside)
