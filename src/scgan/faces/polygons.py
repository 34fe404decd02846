"""Exact filling of polygons by the winding number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def fill_polygons(outlines: Sequence[NDArray[Any]], size: int) -> NDArray[np.bool_]:
    """Mark the pixel centres inside closed outlines (winding number not zero).

    Args:
        outlines: each float (n, 2), fractions of width and height; the last point is joined to the first.
        size: height and width of the result in pixels.

    Returns:
        bool (n_outlines, size, size).
    """
    lengths = np.array([len(outline) for outline in outlines])
    last = np.cumsum(lengths) - 1
    following = np.arange(1, lengths.sum() + 1)
    following[last] = last - lengths + 1
    number = np.repeat(np.arange(len(outlines)), lengths)  # the outline of each edge

    start = np.concatenate(outlines) * float(size) - 0.5  # pixel centres are whole numbers
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
