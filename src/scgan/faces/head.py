"""Heads: 68 points as yaw, tilt, scale, centre, and the difference from the mean face.

In these coordinates linear interpolation is a natural motion: a head that turns keeps its width, while interpolation of
the points themselves would squash it half-way. A motion is transferred to another head by addition. The conversion is
exact in both directions: everything that the mean face does not explain is kept as the head's shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.landmarks import JAW, LANDMARK_COUNT, Points
from scgan.faces.mean_face import face_points
from scgan.faces.pose import Pose

YAW, TILT, LOG_SCALE, CENTER, SHAPE = 0, 1, 2, slice(3, 5), slice(5, 5 + 2 * LANDMARK_COUNT)
PLACE = slice(TILT, CENTER.stop)  # everything that a shift, scaling or rotation of the image changes
HEAD_SIZE = SHAPE.stop

Head = NDArray[np.float64]

_MEAN_FACE = face_points()
_OUTLINE = np.arange(LANDMARK_COUNT) < JAW.stop
# Yaw is fitted to eyebrows, nose and eyes: they neither move with the mouth nor slide along the cheek.
_RIGID = slice(17, 48)
_MAX_YAW = 70.0  # degrees; beyond, half of the 68 points cannot be seen


def to_heads(points: NDArray[Any]) -> Head:
    """Convert points to heads.

    Args:
        points: float (…, 68, 2), fractions of the image's width and height.

    Returns:
        float64 (…, 141): yaw and tilt in degrees as in ``Pose``, the logarithm of the scale, the centre (2), and the
        shape: 68 offsets from the mean face seen from the same side, upright and of scale 1.
    """
    points = np.asarray(points, np.float64)
    flat = points.reshape(-1, LANDMARK_COUNT, 2)
    heads = np.empty((len(flat), HEAD_SIZE))
    for head, face in zip(heads, flat, strict=True):
        head[:] = _to_head(face)
    return heads.reshape(*points.shape[:-2], HEAD_SIZE)


def to_points(heads: Head) -> Points:
    """Convert heads to points, the inverse of ``to_heads``: float (…, 141) → float32 (…, 68, 2)."""
    heads = np.asarray(heads, np.float64)
    flat = heads.reshape(-1, HEAD_SIZE)
    points = np.empty((len(flat), LANDMARK_COUNT, 2), np.float32)
    for face, head in zip(points, flat, strict=True):
        upright = _seen_from(head[YAW]) + head[SHAPE].reshape(LANDMARK_COUNT, 2)
        face[:] = _real(_complex(upright) * np.exp(head[LOG_SCALE] + 1j * np.radians(head[TILT]))) + head[CENTER]
    return points.reshape(*heads.shape[:-1], LANDMARK_COUNT, 2)


def _to_head(face: NDArray[np.float64]) -> Head:
    # Loading it takes half a second, which each `generate` and `studio` would wait for; only photos that turn need it.
    from scipy.optimize import minimize_scalar

    def misfit(yaw: float) -> float:
        return _fit(_seen_from(yaw)[_RIGID], face[_RIGID])[2]

    best = minimize_scalar(misfit, bounds=(-_MAX_YAW, _MAX_YAW), method="bounded", options={"xatol": 1e-3})
    yaw = float(best.x)
    mean_face = _seen_from(yaw)
    rotation, center, _ = _fit(mean_face[_RIGID], face[_RIGID])
    shape = _real((_complex(face) - center) / rotation) - mean_face
    place = [np.degrees(np.angle(rotation)), np.log(np.abs(rotation)), center.real, center.imag]
    return np.concatenate([[yaw], place, shape.ravel()])


def _seen_from(yaw: float) -> NDArray[np.float64]:
    """Mean face at this yaw, upright, of scale 1, with its bridge of the nose in the origin: (68, 2)."""
    return Pose(yaw, center=(0.0, 0.0), scale=1.0).project(_MEAN_FACE, _OUTLINE)


def _fit(template: NDArray[np.float64], face: NDArray[np.float64]) -> tuple[complex, complex, float]:
    """Fit the similarity transform ``rotation * z + center`` of complex numbers by least squares.

    Returns:
        rotation (with scale), center, and the squared distance as a share of the face's own spread.
    """
    start, end = _complex(template), _complex(face)
    start_middle, end_middle = start.mean(), end.mean()
    start, end = start - start_middle, end - end_middle
    rotation = complex(np.vdot(start, end) / np.vdot(start, start))
    misfit = float(np.sum(np.abs(end - rotation * start) ** 2) / np.sum(np.abs(end) ** 2))
    return rotation, complex(end_middle - rotation * start_middle), misfit


def _complex(points: NDArray[np.float64]) -> NDArray[np.complex128]:
    return points[..., 0] + 1j * points[..., 1]


def _real(numbers: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.stack([numbers.real, numbers.imag], axis=-1)
