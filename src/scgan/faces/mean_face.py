"""Mean face: 68 points in space, with parameters for smile, opening of the mouth and proportions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.landmarks import INNER_LIPS, JAW, LANDMARK_COUNT, LEFT_EYE, MIRRORED, OUTER_LIPS, RIGHT_EYE, Points
from scgan.faces.pose import Pose

# Left half and middle of the face. Unit: the distance of the outer corners of the eyes; origin: the bridge of the nose
# (point 27); x to the right, y down, z towards the camera. Columns: number, x, y, z, motion of the point in a
# smile (x, y) and in an opening of the mouth (y).
# x, y and smile are the symmetric means over the 82 neutral and smiling faces of the Face Research Lab London Set
# (DeBruine & Jones 2017, doi 10.6084/m9.figshare.5047666, CC BY 4.0). z follows from how such points move in photos of
# turning heads (factorisation of their positions into shape and motion, Tomasi & Kanade 1992).
_HALF_FACE = np.array(
    [
        (0, -0.813, 0.106, -0.81, 0.003, -0.019, 0.00),
        (1, -0.796, 0.321, -0.78, 0.002, -0.020, 0.01),
        (2, -0.764, 0.529, -0.75, -0.003, -0.020, 0.02),
        (3, -0.728, 0.737, -0.71, -0.006, -0.017, 0.04),
        (4, -0.666, 0.935, -0.65, -0.004, -0.015, 0.08),
        (5, -0.557, 1.101, -0.53, -0.001, -0.012, 0.13),
        (6, -0.401, 1.233, -0.39, 0.001, -0.005, 0.17),
        (7, -0.213, 1.326, -0.26, -0.001, 0.005, 0.19),
        (8, 0.000, 1.353, -0.21, 0.000, 0.009, 0.20),
        (17, -0.676, -0.091, -0.35, 0.001, 0.006, 0.00),
        (18, -0.579, -0.201, -0.23, 0.001, 0.008, 0.00),
        (19, -0.433, -0.244, -0.14, 0.000, 0.009, 0.00),
        (20, -0.281, -0.228, -0.06, -0.004, 0.008, 0.00),
        (21, -0.135, -0.174, -0.01, -0.005, 0.007, 0.00),
        (27, 0.000, 0.000, 0.00, 0.000, 0.000, 0.00),
        (28, 0.000, 0.126, 0.07, 0.000, 0.007, 0.00),
        (29, 0.000, 0.252, 0.15, 0.000, 0.012, 0.00),
        (30, 0.000, 0.382, 0.22, 0.000, 0.017, 0.00),
        (31, -0.147, 0.510, 0.01, -0.011, -0.006, 0.00),
        (32, -0.076, 0.532, 0.06, -0.005, -0.003, 0.00),
        (33, 0.000, 0.549, 0.08, 0.000, 0.003, 0.00),
        (36, -0.500, 0.055, -0.24, 0.002, -0.004, 0.00),
        (37, -0.415, -0.009, -0.18, 0.003, 0.002, 0.00),
        (38, -0.305, -0.008, -0.17, -0.001, 0.003, 0.00),
        (39, -0.211, 0.062, -0.18, -0.002, -0.002, 0.00),
        (40, -0.311, 0.089, -0.18, -0.001, -0.007, 0.00),
        (41, -0.419, 0.094, -0.19, 0.003, -0.009, 0.00),
        (48, -0.291, 0.823, -0.22, -0.046, -0.062, 0.06),
        (49, -0.181, 0.748, -0.08, -0.030, -0.039, 0.00),
        (50, -0.077, 0.707, 0.01, -0.013, -0.023, -0.01),
        (51, 0.000, 0.727, 0.02, 0.000, -0.023, -0.01),
        (57, 0.000, 0.919, -0.04, 0.000, 0.011, 0.22),
        (58, -0.082, 0.912, -0.05, -0.013, 0.008, 0.21),
        (59, -0.183, 0.888, -0.12, -0.032, -0.013, 0.15),
        (60, -0.238, 0.821, -0.20, -0.045, -0.050, 0.06),
        (61, -0.078, 0.795, -0.01, -0.013, -0.036, -0.01),
        (62, 0.000, 0.800, 0.01, 0.000, -0.034, -0.01),
        (66, 0.000, 0.809, -0.03, 0.000, 0.015, 0.22),
        (67, -0.077, 0.802, -0.05, -0.014, 0.013, 0.21),
    ]
)


def _whole(x: NDArray[Any], *others: NDArray[Any]) -> NDArray[Any]:
    """Extend columns of the left half to all 68 points; x changes its sign on the right."""
    numbers = _HALF_FACE[:, 0].astype(int)
    columns = np.zeros((LANDMARK_COUNT, 1 + len(others)))
    columns[MIRRORED[numbers]] = np.stack([-x, *others], axis=1)
    columns[numbers] = np.stack([x, *others], axis=1)
    return columns


_NEUTRAL = _whole(*_HALF_FACE[:, 1:4].T)
_SMILE = _whole(*_HALF_FACE[:, 4:6].T)
_OPEN = np.stack([np.zeros(LANDMARK_COUNT), _whole(_HALF_FACE[:, 1], _HALF_FACE[:, 6])[:, 1]], axis=1)


@dataclass(frozen=True)
class Proportions:
    """Proportions of a face; the defaults are the mean face.

    Attributes:
        face_width, jaw_width, chin_length, eye_size, eye_distance, nose_width, nose_length, mouth_width,
        lip_fullness: factors.
        eyebrow_height: upwards, in distances of the outer corners of the eyes.
        eyebrow_slant: how much higher the inner ends are than the outer ends, in the same unit.
    """

    face_width: float = 1.0
    jaw_width: float = 1.0
    chin_length: float = 1.0
    eye_size: float = 1.0
    eye_distance: float = 1.0
    nose_width: float = 1.0
    nose_length: float = 1.0
    mouth_width: float = 1.0
    lip_fullness: float = 1.0
    eyebrow_height: float = 0.0
    eyebrow_slant: float = 0.0


def face_points(
    proportions: Proportions = Proportions(), smile: float = 0.0, mouth_open: float = 0.0
) -> NDArray[np.float64]:
    """Points of a face in space: float (68, 3), unit and origin as in the mean face.

    Args:
        proportions: proportions of the face.
        smile: 0 is a neutral face, 1 a friendly smile, -0.5 a sad mouth.
        mouth_open: 0 is a closed mouth, 1 a wide open one.
    """
    points = _NEUTRAL.copy()
    points[:, :2] += smile * _SMILE + mouth_open * _OPEN
    _scale(points, slice(28, 36), points[27], proportions.nose_width, proportions.nose_length)
    lips = slice(OUTER_LIPS.start, INNER_LIPS.stop)
    # Each lip is scaled from its own edge of the opening.
    inner = np.array([60, 60, 61, 62, 63, 64, 64, 64, 65, 66, 67, 60])
    points[OUTER_LIPS] = points[inner] + (points[OUTER_LIPS] - points[inner]) * (1, proportions.lip_fullness, 1)
    _scale(points, lips, points[lips].mean(axis=0), proportions.mouth_width, 1)
    for eye, side in ((LEFT_EYE, -1), (RIGHT_EYE, 1)):
        _scale(points, eye, points[eye].mean(axis=0), 1 + 0.3 * (proportions.eye_size - 1), proportions.eye_size)
        points[eye, 0] += side * 0.35 * (proportions.eye_distance - 1)
    eyebrows = slice(17, 27)
    points[eyebrows, 1] -= proportions.eyebrow_height
    points[eyebrows, 1] += proportions.eyebrow_slant * (np.abs(points[eyebrows, 0]) - 0.4)
    # The lower a point of the jaw lies, the more of the jaw's width and of the chin's length it gets.
    share = np.clip(points[JAW, 1] / points[8, 1], 0, 1)
    points[JAW, 0] *= 1 + share * (proportions.jaw_width - 1)
    points[JAW, 1] += share**2 * 0.55 * (proportions.chin_length - 1)
    points[:, 0] *= proportions.face_width
    return points


def _scale(points: NDArray[Any], part: slice, origin: NDArray[Any], across: float, down: float) -> None:
    points[part, :2] = origin[:2] + (points[part, :2] - origin[:2]) * (across, down)


def toy_landmarks(
    yaw: float = 0.0,
    smile: float = 0.0,
    mouth_open: float = 0.0,
    *,
    proportions: Proportions = Proportions(),
    tilt: float = 0.0,
    center: tuple[float, float] = (0.5, 0.45),
    scale: float = 0.3,
) -> Points:
    """Points of a face in an image; see ``Pose``, ``Proportions`` and ``face_points`` for the units.

    Returns:
        float32 (68, 2), fractions of width and height.
    """
    return project_face(face_points(proportions, smile, mouth_open), Pose(yaw, tilt, center, scale))


def project_face(points: NDArray[Any], pose: Pose) -> Points:
    """Project the 68 points in space (68, 3) to float32 (68, 2), fractions of width and height."""
    return pose.project(points, outline=np.arange(LANDMARK_COUNT) < JAW.stop).astype(np.float32)
