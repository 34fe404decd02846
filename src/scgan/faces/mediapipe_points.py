"""The 68 landmarks from the 468 points of MediaPipe's face mesh."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.landmarks import LANDMARK_COUNT, LEFT_EYE, MIRRORED, RIGHT_EYE

MESH_COUNT = 468
MESH_LEFT_EYE, MESH_RIGHT_EYE = 33, 263  # outer corners, left and right in the image

# Landmark: its point of the mesh, or two points whose middle it is; the points that are there in the mirror image. Left
# half and middle of the face. The table is Peizhi Yan's (github.com/PeizhiYan/Mediapipe_2_Dlib_Landmarks), with the
# right half of the jaw made equal to the left.
_HALF: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {
    0: ((127,), (356,)),
    1: ((234,), (454,)),
    2: ((93,), (323,)),
    3: ((132, 58), (361, 288)),
    4: ((58, 172), (288, 397)),
    5: ((136,), (365,)),
    6: ((150,), (379,)),
    7: ((176,), (400,)),
    8: ((152,), (152,)),
    17: ((70,), (300,)),
    18: ((63,), (293,)),
    19: ((105,), (334,)),
    20: ((66,), (296,)),
    21: ((107,), (336,)),
    27: ((168, 6), (168, 6)),
    28: ((197, 195), (197, 195)),
    29: ((5,), (5,)),
    30: ((4,), (4,)),
    31: ((75,), (305,)),
    32: ((97,), (326,)),
    33: ((2,), (2,)),
    36: ((33,), (263,)),
    37: ((160,), (387,)),
    38: ((158,), (385,)),
    39: ((133,), (362,)),
    40: ((153,), (380,)),
    41: ((144,), (373,)),
    48: ((61,), (291,)),
    49: ((39,), (269,)),
    50: ((37,), (267,)),
    51: ((0,), (0,)),
    57: ((17,), (17,)),
    58: ((84,), (314,)),
    59: ((91,), (321,)),
    60: ((78,), (308,)),
    61: ((82,), (312,)),
    62: ((13,), (13,)),
    66: ((14,), (14,)),
    67: ((87,), (317,)),
}

# Vector from the point of the mesh to dlib's landmark: x to the right along the line through the outer corners of the
# eyes, y down, in distances between these corners. Each has its mirror image. Medians over one half of the
# people of `python benchmarks/detectors.py --fit`, which prints this table.
_OFFSETS: dict[int, tuple[float, float]] = {
    0: (-0.021, -0.017),
    1: (-0.015, 0.033),
    2: (0.001, 0.072),
    3: (-0.009, 0.006),
    4: (-0.005, 0.037),
    5: (-0.008, 0.029),
    6: (0.044, 0.075),
    7: (0.041, 0.060),
    8: (0.000, 0.035),
    17: (-0.016, 0.039),
    18: (0.008, 0.003),
    19: (0.037, 0.003),
    20: (0.042, 0.015),
    21: (0.025, 0.048),
    27: (0.000, -0.014),
    28: (0.000, -0.040),
    29: (0.000, -0.027),
    30: (0.000, 0.008),
    31: (-0.008, 0.012),
    32: (0.004, -0.006),
    33: (0.000, 0.016),
    36: (0.022, 0.017),
    37: (0.027, 0.007),
    38: (0.013, 0.014),
    39: (-0.012, 0.013),
    40: (-0.005, 0.010),
    41: (0.008, 0.014),
    48: (-0.011, 0.012),
    49: (-0.017, 0.024),
    50: (0.005, 0.013),
    51: (0.000, 0.021),
    55: (-0.024, 0.037),
    56: (0.002, 0.008),
    57: (0.000, 0.009),
    60: (-0.002, 0.019),
    61: (-0.014, 0.011),
    62: (0.000, 0.014),
    65: (0.013, 0.007),
    66: (0.000, 0.013),
}


def _table() -> NDArray[np.int64]:
    """Two points of the mesh for each landmark, (68, 2); the same one twice where there is one."""
    pairs = np.zeros((LANDMARK_COUNT, 2), np.int64)
    for number, (points, mirrored) in _HALF.items():
        pairs[MIRRORED[number]] = mirrored
        pairs[number] = points
    return pairs


def whole_offsets(half: dict[int, tuple[float, float]]) -> NDArray[np.float64]:
    """Offsets of all landmarks, (68, 2), from those of the left half and the middle."""
    offsets = np.zeros((LANDMARK_COUNT, 2))
    for number, (x, y) in half.items():
        offsets[MIRRORED[number]] = -x, y
        offsets[number] = x, y
    return offsets


MESH_POINTS = _table()
OFFSETS = whole_offsets(_OFFSETS)


def face_axes(points: NDArray[Any]) -> NDArray[np.float64]:
    """Axes of a face, (2, 2): the vector from the left outer corner of the eyes to the right one, and it turned down.

    Args:
        points: (68, 2), in pixels or another unit that is the same in both directions.
    """
    x, y = np.asarray(points[RIGHT_EYE.start + 3] - points[LEFT_EYE.start], np.float64)
    return np.array([(x, y), (-y, x)])


def to_landmarks(mesh: NDArray[Any], offsets: NDArray[Any] = OFFSETS) -> NDArray[np.float64]:
    """Landmarks of a face.

    Args:
        mesh: (468, 2) points of the mesh, in pixels.
        offsets: (68, 2) in axes of the face.

    Returns:
        (68, 2), in pixels.
    """
    points: NDArray[np.float64] = np.asarray(mesh, np.float64)[MESH_POINTS].mean(1)
    return points + offsets @ face_axes(points)
