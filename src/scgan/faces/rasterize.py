"""Masks drawn from 68 landmarks."""

from __future__ import annotations

from collections.abc import Sequence
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
from scgan.utils.errors import UserError


def rasterize(points: Points, size: int) -> NDArray[np.uint8]:
    """The seven ``FACE_CLASSES`` drawn from the points (section 5.1 of the paper).

    A pixel has the class of its exact centre: nothing is rounded or interpolated, so that a small motion of the points
    moves the mask smoothly. Parts outside the picture are cut off.

    Args:
        points: float (68, 2), fractions of width and height.
        size: height and width of the mask in pixels.

    Returns:
        uint8 (size, size), class indices.

    Raises:
        UserError: not 68 pairs, or one of them is not finite.
    """
    points = np.asarray(points, np.float64)
    if points.shape != (LANDMARK_COUNT, 2):
        raise UserError(f"a face has {LANDMARK_COUNT} landmarks (x, y), these have the shape {points.shape}.")
    if not np.isfinite(points).all():
        number = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise UserError(f"landmark {number} is not a finite number ({points[number].tolist()}).")
    mask = np.zeros((size, size), np.uint8)
    names, lines = zip(*outlines(points), strict=True)
    for name, inside in zip(names, fill_each(lines, size), strict=True):
        mask[inside] = FACE_CLASSES.index(name)
    return mask


def outlines(points: NDArray[Any]) -> list[tuple[str, NDArray[Any]]]:
    """The closed outlines of the classes, in the order in which they are painted: pairs of class name and (n, 2)."""
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
    """The hairline from point 16 over the top to point 0, without these two: (15, 2).

    The 68 points end at the eyebrows. The line is half an ellipse on the ends of the jaw, skewed so that its top lies
    over the eyebrows on the line through the nose; made of sums of points, it follows every turn of the head.
    """
    middle = (points[0] + points[16]) / 2
    eyebrows = points[17:27].mean(axis=0)
    top = eyebrows + 0.75 * (eyebrows - points[33])
    angles = np.linspace(0, np.pi, 17)[1:-1, None]
    return middle + np.cos(angles) * (points[16] - middle) + np.sin(angles) * (top - middle)


def _eyebrow(points: NDArray[Any], which: slice) -> NDArray[Any]:
    """The five points are an open line along the upper part of the brow; it gets the thickness of a brow."""
    line = points[which]
    down = points[8] - points[27]
    thickness = 0.07 * np.array([0.5, 1, 1, 1, 0.5])[:, None] * down
    return np.concatenate([line - 0.35 * thickness, (line + 0.65 * thickness)[::-1]])


def _nose(points: NDArray[Any]) -> NDArray[Any]:
    """From the bridge, which widens, to the wings (which lie outside of the base's points) and the base."""
    bridge, base = points[BRIDGE], points[NOSE_BASE]
    across, up = base[4] - base[0], bridge[3] - base[2]
    right = [bridge[0] + 0.12 * across, bridge[2] + 0.25 * across, base[4] + 0.15 * across + 0.5 * up]
    left = [base[0] - 0.15 * across + 0.5 * up, bridge[2] - 0.25 * across, bridge[0] - 0.12 * across]
    return np.stack([*right, *base[::-1], *left])


def fill(outline: NDArray[Any], size: int) -> NDArray[np.bool_]:
    """Which pixel centres a closed outline surrounds (winding number not zero).

    Args:
        outline: float (n, 2), fractions of width and height; the last point is joined to the first.
        size: height and width of the result in pixels.

    Returns:
        bool (size, size).
    """
    return fill_each([outline], size)[0]


def fill_each(outlines: Sequence[NDArray[Any]], size: int) -> NDArray[np.bool_]:
    """``fill`` for several outlines at once, which is faster than one by one: bool (n_outlines, size, size)."""
    lengths = np.array([len(outline) for outline in outlines])
    last = np.cumsum(lengths) - 1
    following = np.arange(1, lengths.sum() + 1)
    following[last] = last - lengths + 1
    number = np.repeat(np.arange(len(outlines)), lengths)  # the outline of each edge

    start = np.concatenate(outlines) * float(size) - 0.5  # now pixel centres are whole numbers
    end = start[following]
    left, top = np.clip(np.ceil(start.min(axis=0)), 0, size).astype(int)
    right, bottom = np.clip(np.floor(start.max(axis=0)) + 1, (left, top), size).astype(int)
    # An edge crosses the rows between its two ends; the winding number changes right of the crossing.
    rows = np.arange(top, bottom)[:, None]
    from_above = start[:, 1] <= rows
    row, edge = np.nonzero(from_above != from_above[:, following])
    share = (row + top - start[edge, 1]) / (end[edge, 1] - start[edge, 1])
    crossing = start[edge, 0] + share * (end[edge, 0] - start[edge, 0])
    column = np.clip(np.ceil(crossing) - left, 0, right - left).astype(int)
    changes = np.zeros((len(outlines), bottom - top, right - left + 1), np.int16)
    np.add.at(changes, (number[edge], row, column), np.where(from_above[row, edge], 1, -1).astype(np.int16))
    inside = np.zeros((len(outlines), size, size), bool)
    inside[:, top:bottom, left:right] = np.cumsum(changes, axis=2, dtype=np.int16)[..., :-1] != 0
    return inside
