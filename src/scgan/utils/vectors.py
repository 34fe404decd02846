"""Interpolation of vectors, linear and spherical."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.utils.errors import UserError

Floats = NDArray[np.float64]

Interpolate = Callable[[NDArray[Any], NDArray[Any], NDArray[Any]], NDArray[Any]]
"""Function ``interpolate(start, end, at)``: the points between two end points, at each of ``at`` in [0, 1]."""


def fractions(steps: int) -> Floats:
    """Space ``steps`` numbers evenly from 0 to 1: float64 (steps,).

    Raises:
        UserError: fewer than 2 steps.
    """
    if steps < 2:
        raise UserError(f"a path needs at least 2 steps, its two ends, not {steps}.")
    return np.linspace(0.0, 1.0, steps)


def lerp(start: Any, end: Any, at: NDArray[Any]) -> Floats:
    """Interpolate on a straight line: float (…) and (…), at (S,) → float64 (S, …)."""
    weights = np.asarray(at, np.float64).reshape(-1, *[1] * np.ndim(start))
    return (1 - weights) * np.asarray(start, np.float64) + weights * np.asarray(end, np.float64)


def slerp(start: NDArray[Any], end: NDArray[Any], at: NDArray[Any]) -> Floats:
    """Interpolate on an arc around the origin, with lengths that change linearly: float (n,), (n,), at (S,) → (S, n).

    Latents of many dimensions all have about the same length, and a generator has seen only such latents; the middle of
    a straight line between two of them is a third shorter (1/√2).

    Raises:
        UserError: a vector is zero, or they point in opposite directions: no arc is shorter than the others.
    """
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    start_length, end_length = np.linalg.norm(start), np.linalg.norm(end)
    if not start_length or not end_length:
        raise UserError("a spherical path cannot begin or end in a latent of zeros: use a linear one.")
    start_direction, end_direction = start / start_length, end / end_length
    angle = np.arccos(np.clip(start_direction @ end_direction, -1, 1))
    if np.pi - angle < 1e-4:
        raise UserError("a spherical path cannot join two opposite latents: use a linear one.")
    if angle < 1e-4:  # too small to divide by its sine; the arc is straight
        return lerp(start, end, at)
    weights = np.asarray(at, np.float64)[:, None]
    directions = (np.sin((1 - weights) * angle) * start_direction + np.sin(weights * angle) * end_direction) / np.sin(
        angle
    )
    return directions * lerp(start_length, end_length, at)[:, None]
