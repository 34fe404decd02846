"""Paths through several keyframes, and grids between four. Pure functions of NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.utils.errors import UserError
from scgan.utils.vectors import Interpolate, fractions


def piecewise_path(keyframes: NDArray[Any], steps: int, interpolate: Interpolate) -> NDArray[Any]:
    """Interpolate between consecutive keyframes, each segment in equal time: (K, …) → (steps, …).

    Args:
        keyframes: at least 2.
        steps: number of frames, both ends included.
        interpolate: ``lerp``, ``slerp``, ``interpolate_masks`` or another function of this form.

    Raises:
        UserError: fewer than 2 steps or keyframes.
    """
    keyframes = np.asarray(keyframes)
    if len(keyframes) < 2:
        raise UserError(f"a path needs at least 2 keyframes, found {len(keyframes)}.")
    times = fractions(steps) * (len(keyframes) - 1)
    segments = np.minimum(times.astype(int), len(keyframes) - 2)
    pieces = [
        interpolate(keyframes[segment], keyframes[segment + 1], times[segments == segment] - segment)
        for segment in range(len(keyframes) - 1)
        if (segments == segment).any()
    ]
    return np.concatenate(pieces)


def grid_path(corners: NDArray[Any], rows: int, columns: int, interpolate: Interpolate) -> NDArray[Any]:
    """Interpolate between four corners: (4, …) → (rows, columns, …).

    Args:
        corners: top left, top right, bottom left, bottom right.
        rows, columns: size of the grid, corners included.
        interpolate: as in ``piecewise_path``.

    Raises:
        UserError: not 4 corners, or fewer than 2 rows or columns.
    """
    corners = np.asarray(corners)
    if len(corners) != 4:
        raise UserError(f"a grid of one kind needs 4 keyframes, its corners row by row, not {len(corners)}.")
    left, right = (interpolate(corners[k], corners[k + 2], fractions(rows)) for k in (0, 1))
    return np.stack([interpolate(start, end, fractions(columns)) for start, end in zip(left, right, strict=True)])
