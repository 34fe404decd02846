"""Straight and spherical paths of vectors: latents, labels, heads. Pure functions of NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.utils.errors import UserError
from scgan.utils.vectors import Interpolate, fractions


def piecewise_path(corners: NDArray[Any], steps: int, between: Interpolate) -> NDArray[Any]:
    """A path through several end points, each part of it equally long in time: (K, …) → (steps, …).

    Args:
        corners: at least 2 end points.
        steps: frames in all, both ends included.
        between: ``linear``, ``spherical`` or another function of this form.

    Raises:
        UserError: fewer than 2 steps or end points.
    """
    corners = np.asarray(corners)
    if len(corners) < 2:
        raise UserError(f"a path needs at least 2 end points, found {len(corners)}.")
    places = fractions(steps) * (len(corners) - 1)
    parts = np.minimum(places.astype(int), len(corners) - 2)
    pieces = [
        between(corners[part], corners[part + 1], places[parts == part] - part)
        for part in range(len(corners) - 1)
        if (parts == part).any()
    ]
    return np.concatenate(pieces)


def grid_path(corners: NDArray[Any], steps: int, and_steps: int, between: Interpolate) -> NDArray[Any]:
    """A grid between four end points: (4, …) → (and_steps, steps, …).

    Args:
        corners: top left, top right, bottom left, bottom right.
        steps: columns.
        and_steps: rows.
        between: as in ``through``.

    Raises:
        UserError: not 4 end points, or fewer than 2 steps.
    """
    corners = np.asarray(corners)
    if len(corners) != 4:
        raise UserError(f"a grid of one kind needs 4 end points, its corners row by row, not {len(corners)}.")
    left, right = (between(corners[k], corners[k + 2], fractions(and_steps)) for k in (0, 1))
    return np.stack([between(start, end, fractions(steps)) for start, end in zip(left, right, strict=True)])
