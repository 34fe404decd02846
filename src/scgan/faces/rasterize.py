"""Masks drawn from 68 landmarks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.landmarks import (
    BRIDGE,
    FACE_CLASSES,
    INNER_LIPS,
    JAW,
    LANDMARK_COUNT,
    LEFT_EYE,
    LEFT_EYEBROW,
    NOSE_BASE,
    OUTER_LIPS,
    RIGHT_EYE,
    RIGHT_EYEBROW,
    Points,
)
from scgan.faces.polygons import fill_polygons
from scgan.utils.errors import UserError


def rasterize(points: Points, size: int) -> NDArray[np.uint8]:
    """Draw a mask of the seven ``FACE_CLASSES`` from 68 points (section 5.1 of the paper).

    A pixel has the class of its exact centre: nothing is rounded or interpolated, so that a small motion of the points
    moves the mask smoothly. Parts outside the image are cut off.

    Args:
        points: float (68, 2), fractions of width and height.
        size: height and width of the mask in pixels.

    Returns:
        uint8 (size, size), class indices.

    Raises:
        UserError: the points are not 68 pairs, or one of them is not finite.
    """
    points = np.asarray(points, np.float64)
    if points.shape != (LANDMARK_COUNT, 2):
        raise UserError(f"a face has {LANDMARK_COUNT} landmarks (x, y), these have the shape {points.shape}.")
    if not np.isfinite(points).all():
        number = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise UserError(f"landmark {number} is not a finite number ({points[number].tolist()}).")
    mask = np.zeros((size, size), np.uint8)
    names, lines = zip(*outlines(points), strict=True)
    for name, inside in zip(names, fill_polygons(lines, size), strict=True):
        mask[inside] = FACE_CLASSES.index(name)
    return mask


def outlines(points: NDArray[Any]) -> list[tuple[str, NDArray[Any]]]:
    """Closed outlines of the classes, in the order in which they are painted: pairs of class name and (n, 2)."""
    return [
        ("skin", np.concatenate([points[JAW], forehead(points)])),
        ("nose", _nose(points)),
        ("eyebrows", _eyebrow(points, LEFT_EYEBROW)),
        ("eyebrows", _eyebrow(points, RIGHT_EYEBROW)),
        ("eyes", points[LEFT_EYE]),
        ("eyes", points[RIGHT_EYE]),
        ("lips", points[OUTER_LIPS]),
        ("mouth", points[INNER_LIPS]),
    ]


def forehead(points: NDArray[Any]) -> NDArray[Any]:
    """Hairline from point 16 over the top to point 0, without these two: (15, 2).

    The 68 points end at the eyebrows. The line is half an ellipse on the ends of the jaw, skewed so that its top lies
    over the eyebrows on the line through the nose; made of sums of points, it follows every turn of the head.
    """
    middle = (points[0] + points[16]) / 2
    eyebrows = points[17:27].mean(axis=0)
    top = eyebrows + 0.75 * (eyebrows - points[33])
    angles = np.linspace(0, np.pi, 17)[1:-1, None]
    return middle + np.cos(angles) * (points[16] - middle) + np.sin(angles) * (top - middle)


def _eyebrow(points: NDArray[Any], which: slice) -> NDArray[Any]:
    """Outline of an eyebrow. Its five points are an open line along the upper part, which gets some thickness."""
    line = points[which]
    down = points[8] - points[27]
    thickness = 0.07 * np.array([0.5, 1, 1, 1, 0.5])[:, None] * down
    return np.concatenate([line - 0.35 * thickness, (line + 0.65 * thickness)[::-1]])


def _nose(points: NDArray[Any]) -> NDArray[Any]:
    """Outline of the nose: the bridge, the wings (outside of the base's points) and the base."""
    bridge, base = points[BRIDGE], points[NOSE_BASE]
    across, up = base[4] - base[0], bridge[3] - base[2]
    right = [bridge[0] + 0.12 * across, bridge[2] + 0.25 * across, base[4] + 0.15 * across + 0.5 * up]
    left = [base[0] - 0.15 * across + 0.5 * up, bridge[2] - 0.25 * across, bridge[0] - 0.12 * across]
    return np.stack([*right, *base[::-1], *left])
