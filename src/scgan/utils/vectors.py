"""Interpolation of vectors: straight lines and arcs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.utils.errors import UserError

Floats = NDArray[np.float64]


Interpolate = Callable[[NDArray[Any], NDArray[Any], NDArray[Any]], NDArray[Any]]
"""``between(start, end, shares)``: what lies between two end points, at each of ``shares`` in [0, 1]."""


def fractions(steps: int) -> Floats:
    """``steps`` numbers from 0 to 1, evenly spaced: float64 (steps,).

    Raises:
        UserError: fewer than 2 steps.
    """
    if steps < 2:
        raise UserError(f"a path needs at least 2 steps, its two ends, not {steps}.")
    return np.linspace(0.0, 1.0, steps)


def lerp(start: Any, end: Any, at: NDArray[Any]) -> Floats:
    """The straight line: float (…) and (…), at (S,) → float64 (S, …)."""
    weights = np.asarray(at, np.float64).reshape(-1, *[1] * np.ndim(start))
    return (1 - weights) * np.asarray(start, np.float64) + weights * np.asarray(end, np.float64)


def slerp(start: NDArray[Any], end: NDArray[Any], at: NDArray[Any]) -> Floats:
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
        return lerp(start, end, at)
    weights = np.asarray(at, np.float64)[:, None]
    ways = (np.sin((1 - weights) * angle) * start_way + np.sin(weights * angle) * end_way) / np.sin(angle)
    return ways * lerp(start_length, end_length, at)[:, None]
