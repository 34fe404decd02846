"""Checks of landmarks: that they are a face, inside the image, and that a path of faces is valid."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.landmarks import FACE_CLASSES
from scgan.faces.polygons import fill_polygons
from scgan.faces.rasterize import outlines, rasterize
from scgan.faces.scores import yaw_score
from scgan.utils.errors import UserError

# In units of the yaw score: about one degree, less than the detector's own noise.
_YAW_TOLERANCE = 0.02
# A class of fewer pixels may vanish between two frames: a nearly closed mouth, the lips of a distant face.
MIN_PIXELS = 5
# Fraction of the image; points closer together are not a face.
_MIN_SPREAD = 1e-3


def require_valid_path(path: NDArray[Any], size: int, key_frame_count: int = 2) -> None:
    """Check every frame of a path between faces.

    A path is valid if each frame has every class that all key frames have, if eyes and mouth lie inside the face, and
    if the head turns in one direction between two key frames.

    Args:
        path: float (S, 68, 2), fractions of the image.
        size: height and width of the masks that will be drawn, in pixels.
        key_frame_count: number of key frames, evenly spread over the path.

    Raises:
        UserError: a frame is not valid; the message says which one, and why.
    """
    masks = np.stack([rasterize(face, size) for face in path])
    areas = np.stack([np.bincount(mask.ravel(), minlength=len(FACE_CLASSES)) for mask in masks])
    key_frames = np.linspace(0, len(path) - 1, key_frame_count)
    expected = areas[key_frames.round().astype(int)].min(axis=0) >= MIN_PIXELS
    for number, (face, area) in enumerate(zip(path, areas, strict=True), start=1):
        where = f"frame {number} of {len(path)}"
        for index in np.flatnonzero(expected & (area == 0)):
            raise UserError(f"{where} has no {FACE_CLASSES[index]}, which the end points have: choose nearer ones.")
        names, lines = zip(*outlines(face), strict=True)
        skin, *parts = fill_polygons(lines, size)
        for name, part in zip(names[1:], parts, strict=True):
            if name in ("eyes", "lips") and (part & ~skin).any():
                raise UserError(f"{where} has {name} outside of the face: choose end points that are turned less.")
    yaws = np.array([yaw_score(face) for face in path])
    for start, end in pairwise(key_frames):
        first = ceil(start)
        segment = yaws[first : floor(end) + 1]
        changes = np.diff(segment) * np.sign(segment[-1:] - segment[:1])  # with few steps there may be none
        if (changes < -_YAW_TOLERANCE).any():
            number = first + int(changes.argmin()) + 2
            raise UserError(f"the head turns back at frame {number} of {len(path)}: choose nearer end points.")


def require_inside(face: NDArray[Any], where: str) -> None:
    """Check that a face lies inside the image; else its mask would be cut off.

    Args:
        face: float (68, 2), fractions of the image.
        where: names the face in the error.

    Raises:
        UserError: a point lies outside; the message says which one.
    """
    for number in np.flatnonzero(((face < 0) | (face > 1)).any(axis=1)):
        x, y = face[number]
        raise UserError(
            f"{where}: landmark {number} lies outside of the image, at ({x:.2f}, {y:.2f}) of its width and height: "
            "choose or crop the image so that the whole face lies inside."
        )


def require_face(points: NDArray[Any]) -> None:
    """Check that points can be a face.

    Raises:
        UserError: all points lie in one place.
    """
    if np.ptp(points[17:48], axis=0).max() < _MIN_SPREAD:
        raise UserError("these landmarks lie in one place: they are not a face.")
