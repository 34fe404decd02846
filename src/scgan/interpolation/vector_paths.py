"""Straight and spherical paths of vectors: latents, labels, heads. Pure functions of NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.errors import UserError

Floats = NDArray[np.float64]
Between = Callable[[NDArray[Any], NDArray[Any], NDArray[Any]], NDArray[Any]]
"""``between(start, end, shares)``: what lies between two end points, at each of ``shares`` in [0, 1]."""


def shares(steps: int) -> Floats:
    """``steps`` numbers from 0 to 1, evenly spaced: float64 (steps,).

    Raises:
        UserError: fewer than 2 steps.
    """
    if steps < 2:
        raise UserError(f"a path needs at least 2 steps, its two ends, not {steps}.")
    return np.linspace(0.0, 1.0, steps)


def linear(start: Any, end: Any, at: NDArray[Any]) -> Floats:
    """The straight line: float (…) and (…), at (S,) → float64 (S, …)."""
    weights = np.asarray(at, np.float64).reshape(-1, *[1] * np.ndim(start))
    return (1 - weights) * np.asarray(start, np.float64) + weights * np.asarray(end, np.float64)


def spherical(start: NDArray[Any], end: NDArray[Any], at: NDArray[Any]) -> Floats:
    """The arc around the origin, its length changing evenly: float (n,) and (n,), at (S,) → float64 (S, n).

    Latents of many dimensions all have about the same length, which is where a generator was trained; the middle of a
    straight line between two of them is a third shorter (1/√2).

    Raises:
        UserError: a vector is zero, or they point in opposite directions: no arc is shorter than the others.
    """
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    start_length, end_length = np.linalg.norm(start), np.linalg.norm(end)
    if not start_length or not end_length:
        raise UserError("a spherical path cannot begin or end in a latent of zeros: use a linear one.")
    start_way, end_way = start / start_length, end / end_length
    angle = np.arccos(np.clip(start_way @ end_way, -1, 1))
    if np.pi - angle < 1e-4:
        raise UserError("a spherical path cannot join two opposite latents: use a linear one.")
    if angle < 1e-4:  # too near to divide by the sine, and straight there
        return linear(start, end, at)
    weights = np.asarray(at, np.float64)[:, None]
    ways = (np.sin((1 - weights) * angle) * start_way + np.sin(weights * angle) * end_way) / np.sin(angle)
    return ways * linear(start_length, end_length, at)[:, None]


def through(corners: NDArray[Any], steps: int, between: Between) -> NDArray[Any]:
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
    places = shares(steps) * (len(corners) - 1)
    parts = np.minimum(places.astype(int), len(corners) - 2)
    pieces = [
        between(corners[part], corners[part + 1], places[parts == part] - part)
        for part in range(len(corners) - 1)
        if (parts == part).any()
    ]
    return np.concatenate(pieces)


def surface(corners: NDArray[Any], steps: int, and_steps: int, between: Between) -> NDArray[Any]:
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
    left, right = (between(corners[k], corners[k + 2], shares(and_steps)) for k in (0, 1))
    return np.stack([between(start, end, shares(steps)) for start, end in zip(left, right, strict=True)])
