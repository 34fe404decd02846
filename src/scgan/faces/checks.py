"""Is every face on a way a face? Points in; a sentence about the first that is not one out."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.landmarks import FACE_CLASSES
from scgan.faces.pose import yaw_score
from scgan.faces.rasterize import fill_each, outlines, rasterize
from scgan.utils.errors import UserError

# Of the yaw score; about one degree, less than the detector's own noise.
_YAW_TOLERANCE = 0.02
# A class of fewer pixels may come and go with their grid: a mouth that is nearly closed, the lips of a distant face.
MIN_PIXELS = 5


def require_sound(path: NDArray[Any], size: int, end_points: int = 2) -> None:
    """Check every frame of a way between faces.

    Each class that all end points have is there, eyes and mouth lie inside the face, and between two end points the
    head turns one way only.

    Args:
        path: float (S, 68, 2), fractions of the picture.
        size: height and width of the masks that will be drawn, in pixels.
        end_points: how many there are, evenly spread over the way.

    Raises:
        UserError: says which frame is not sound, and why.
    """
    masks = np.stack([rasterize(face, size) for face in path])
    areas = np.stack([np.bincount(mask.ravel(), minlength=len(FACE_CLASSES)) for mask in masks])
    places = np.linspace(0, len(path) - 1, end_points)
    expected = areas[places.round().astype(int)].min(axis=0) >= MIN_PIXELS
    for number, (face, area) in enumerate(zip(path, areas, strict=True), start=1):
        where = f"frame {number} of {len(path)}"
        for index in np.flatnonzero(expected & (area == 0)):
            raise UserError(f"{where} has no {FACE_CLASSES[index]}, which the end points have: choose nearer ones.")
        names, lines = zip(*outlines(face), strict=True)
        skin, *parts = fill_each(lines, size)
        for name, part in zip(names[1:], parts, strict=True):
            if name in ("eyes", "lips") and (part & ~skin).any():
                raise UserError(f"{where} has {name} outside of the face: choose end points that are turned less.")
    yaws = np.array([yaw_score(face) for face in path])
    for start, end in pairwise(places):
        first = ceil(start)
        between = yaws[first : floor(end) + 1]
        changes = np.diff(between) * np.sign(between[-1:] - between[:1])  # with few steps there may be none
        if (changes < -_YAW_TOLERANCE).any():
            number = first + int(changes.argmin()) + 2
            raise UserError(f"the head turns back at frame {number} of {len(path)}: choose nearer end points.")


def require_inside(face: NDArray[Any], where: str) -> None:
    """Check that a face lies inside the picture, else its mask would be cut off.

    Args:
        face: float (68, 2), fractions of the picture.
        where: names the face in the error.

    Raises:
        UserError: says which point lies outside.
    """
    for number in np.flatnonzero(((face < 0) | (face > 1)).any(axis=1)):
        x, y = face[number]
        raise UserError(
            f"{where}: landmark {number} lies outside of the picture, at ({x:.2f}, {y:.2f}) of its width and height: "
            "choose or cut the picture so that the whole face lies inside."
        )
