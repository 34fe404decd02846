"""Paths of the 68 points (section 5.5 of the paper): masks are never blended, points move and masks are drawn anew.

All ways are straight in a head's turn, place and shape (see ``heads``), so that every frame is a key frame of a turning
head. A straight line between the points themselves would squash it half-way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.expression import smile_score
from scgan.faces.head import PLACE, to_heads, to_points
from scgan.faces.landmarks import Points
from scgan.faces.pose import yaw_score
from scgan.faces.rasterize import rasterize
from scgan.interpolation.vector_paths import through
from scgan.utils.vectors import lerp


def landmark_path(key_frames: NDArray[Any], steps: int) -> Points:
    """Points that move from the first face over all others to the last.

    Args:
        key_frames: float (K, 68, 2), fractions of the picture; K ≥ 2.
        steps: frames, both ends included.

    Returns:
        float32 (steps, 68, 2).

    Raises:
        UserError: fewer than 2 key frames or steps.
    """
    return to_points(through(to_heads(key_frames), steps, lerp))


def move_to(path: NDArray[Any], face: NDArray[Any]) -> Points:
    """A sequence where another face is: its middle frame gets that face's tilt, size and place in the picture.

    Args:
        path: float (S, 68, 2).
        face: float (68, 2).

    Returns:
        float32 (S, 68, 2).
    """
    heads = to_heads(path)
    heads[:, PLACE] += to_heads(face)[PLACE] - heads[len(heads) // 2, PLACE]
    return to_points(heads)


def carry_over(path: NDArray[Any], face: NDArray[Any]) -> Points:
    """The motion of a sequence, made by another face.

    Args:
        path: float (S, 68, 2).
        face: float (68, 2); it takes the place of the frame that is most like it in turn and expression.

    Returns:
        float32 (S, 68, 2).
    """
    heads, head = to_heads(path), to_heads(face)
    return to_points(head + heads - heads[_most_alike(path, face)])


def combine(path: NDArray[Any], other: NDArray[Any]) -> Points:
    """Two motions at once: the face of ``path`` also makes the motion of ``other``.

    Args:
        path: float (S, 68, 2).
        other: float (T, 68, 2); carried over to the middle frame of ``path``.

    Returns:
        float32 (T, S, 68, 2).
    """
    heads, others = to_heads(path), to_heads(other)
    motion = others - others[_most_alike(other, path[len(path) // 2])]
    return to_points(heads[None] + motion[:, None])


def draw(points: NDArray[Any], size: int) -> NDArray[np.uint8]:
    """Masks of points: float (…, 68, 2) → uint8 (…, size, size)."""
    faces = np.asarray(points).reshape(-1, *np.shape(points)[-2:])
    return np.stack([rasterize(face, size) for face in faces]).reshape(*np.shape(points)[:-2], size, size)


def _most_alike(path: NDArray[Any], face: NDArray[Any]) -> int:
    """The number of the frame that is turned and smiles most like a face, whoever they are: (S, 68, 2) and (68, 2)."""

    def expression(points: NDArray[Any]) -> NDArray[np.float64]:
        return np.array([yaw_score(points), smile_score(points)])

    return int(np.argmin([np.sum((expression(frame) - expression(face)) ** 2) for frame in path]))
