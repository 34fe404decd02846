"""Paths of the 68 landmarks (section 5.5 of the paper): landmarks move, and each frame's mask is drawn from its own.

Paths are straight lines in the head coordinates of ``scgan.faces.head`` (yaw, tilt, scale, centre, shape). A straight
line between the landmarks themselves would squash a turning head half-way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.head import to_heads, to_points
from scgan.faces.landmarks import Points
from scgan.faces.rasterize import rasterize
from scgan.faces.scores import smile_score, yaw_score
from scgan.interpolation.vector_paths import piecewise_path
from scgan.utils.vectors import lerp


def landmark_path(key_frames: NDArray[Any], steps: int) -> Points:
    """Path from the first face through all others to the last.

    Args:
        key_frames: float (K, 68, 2), fractions of the image; K ≥ 2.
        steps: number of frames, both ends included.

    Returns:
        float32 (steps, 68, 2).

    Raises:
        UserError: fewer than 2 key frames or steps.
    """
    return to_points(piecewise_path(to_heads(key_frames), steps, lerp))


def transfer_motion(path: NDArray[Any], face: NDArray[Any]) -> Points:
    """Make another face perform the motion of a sequence.

    Args:
        path: float (S, 68, 2).
        face: float (68, 2); it replaces the frame that has the most similar yaw and smile.

    Returns:
        float32 (S, 68, 2).
    """
    heads, head = to_heads(path), to_heads(face)
    return to_points(head + heads - heads[_most_similar_frame(path, face)])


def combine_motions(path: NDArray[Any], other: NDArray[Any]) -> Points:
    """Combine two motions: the face of ``path`` also performs the motion of ``other``.

    Args:
        path: float (S, 68, 2).
        other: float (T, 68, 2); transferred to the middle frame of ``path``.

    Returns:
        float32 (T, S, 68, 2).
    """
    heads, others = to_heads(path), to_heads(other)
    motion = others - others[_most_similar_frame(other, path[len(path) // 2])]
    return to_points(heads[None] + motion[:, None])


def draw_masks(points: NDArray[Any], size: int) -> NDArray[np.uint8]:
    """Draw the masks of landmarks: float (…, 68, 2) → uint8 (…, size, size)."""
    faces = np.asarray(points).reshape(-1, *np.shape(points)[-2:])
    return np.stack([rasterize(face, size) for face in faces]).reshape(*np.shape(points)[:-2], size, size)


def _most_similar_frame(path: NDArray[Any], face: NDArray[Any]) -> int:
    """Index of the frame whose yaw and smile are most similar to a face's: (S, 68, 2) and (68, 2)."""

    def expression(points: NDArray[Any]) -> NDArray[np.float64]:
        return np.array([yaw_score(points), smile_score(points)])

    return int(np.argmin([np.sum((expression(frame) - expression(face)) ** 2) for frame in path]))
