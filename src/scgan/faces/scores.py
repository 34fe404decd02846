"""Scores of yaw and smile, from ratios of distances between landmarks."""

from __future__ import annotations

import numpy as np

from scgan.faces.landmarks import LEFT_EYE, RIGHT_EYE, Points


def yaw_score(points: Points) -> float:
    """Yaw of the head: 0 when it faces the camera, above 0 when the nose points to the right of the image.

    ±0.65 is about 30 degrees, ±1 a head whose far cheek is hidden.

    (a − b) / (a + b), where a and b are the distances from the tip of the nose to the left and right end of the jaw,
    along the line through the eyes. Position, size and tilt of the face do not change it.
    """
    along = points[RIGHT_EYE].mean(axis=0) - points[LEFT_EYE].mean(axis=0)
    left, right = (points[30] - points[0]) @ along, (points[16] - points[30]) @ along
    return float((left - right) / (left + right))


def smile_score(points: Points) -> float:
    """Smile: about 0.8 for a neutral face, 1 for a smile, more for a laugh.

    The width of the mouth and the height of its corners over the middle of the lips, both in distances between the
    centres of the eyes. Position, size and tilt of the face do not change it.
    """
    along = points[RIGHT_EYE].mean(axis=0) - points[LEFT_EYE].mean(axis=0)
    distance = float(np.linalg.norm(along))
    down = np.array([-along[1], along[0]]) / distance
    width = float(np.linalg.norm(points[54] - points[48]))
    lift = float((points[[51, 57, 62, 66]].mean(axis=0) - points[[48, 54]].mean(axis=0)) @ down)
    return (width + lift) / distance
