"""Expression of a face of 68 points: its yaw, mouth and eyebrows, measured and changed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.faces.checks import require_face
from scgan.faces.head import SHAPE, YAW, Head, to_heads, to_points
from scgan.faces.landmarks import (
    INNER_LIPS,
    JAW,
    LANDMARK_COUNT,
    LEFT_EYEBROW,
    OUTER_LIPS,
    RIGHT_EYEBROW,
    Points,
)
from scgan.faces.mean_face import face_points
from scgan.faces.pose import Pose

_LIPS = slice(OUTER_LIPS.start, INNER_LIPS.stop)
_EYEBROWS = slice(LEFT_EYEBROW.start, RIGHT_EYEBROW.stop)
_OUTLINE = np.arange(LANDMARK_COUNT) < JAW.stop
_NEUTRAL, _SMILING, _OPENED = face_points(), face_points(smile=1.0), face_points(mouth_open=1.0)


class Expression(NamedTuple):
    """Parameters of the face model that describe an expression.

    Attributes:
        yaw: turn of the head to the right of the image, in degrees.
        smile: 0 is neutral, 1 a friendly smile.
        mouth_open: 0 is closed, 1 wide open.
        eyebrows: height above the mean face's eyebrows, in distances of the outer corners of the eyes.
    """

    yaw: float
    smile: float
    mouth_open: float
    eyebrows: float


def measure(points: NDArray[Any]) -> Expression:
    """Measure the expression of a face, float (68, 2), fractions of the image.

    Raises:
        UserError: all points lie in one place.
    """
    require_face(points)
    return _measure(to_heads(points))


def express(points: NDArray[Any], expression: Expression) -> Points:
    """Give a face another expression; everything that the face model does not explain stays the same.

    Returns:
        float32 (68, 2).

    Raises:
        UserError: all points lie in one place.
    """
    require_face(points)
    head = to_heads(points)
    head[YAW] = expression.yaw
    current = _measure(head)
    shape = head[SHAPE].reshape(LANDMARK_COUNT, 2)  # a view
    smiling, opening = _motions(head[YAW])
    shape += (expression.smile - current.smile) * smiling + (expression.mouth_open - current.mouth_open) * opening
    shape[_EYEBROWS, 1] -= expression.eyebrows - _measure(head).eyebrows
    return to_points(head)


def _measure(head: Head) -> Expression:
    shape = head[SHAPE].reshape(LANDMARK_COUNT, 2)
    motions = np.stack([motion[_LIPS].ravel() for motion in _motions(head[YAW])], axis=1)
    # The place of the mouth as a whole is part of the face, not of its expression.
    lips = shape[_LIPS] - shape[_LIPS].mean(axis=0)
    motions -= np.tile(motions.reshape(-1, 2, 2).mean(axis=0), (len(lips), 1))
    smile, mouth_open = np.linalg.lstsq(motions, lips.ravel(), rcond=None)[0]
    return Expression(float(head[YAW]), float(smile), float(mouth_open), float(-shape[_EYEBROWS, 1].mean()))


def _motions(yaw: float) -> list[NDArray[np.float64]]:
    """Motion of the points in a smile and in an opening of the mouth, at this yaw: two of (68, 2)."""
    pose = Pose(yaw, center=(0.0, 0.0), scale=1.0)
    neutral, smiling, opened = (pose.project(points, _OUTLINE) for points in (_NEUTRAL, _SMILING, _OPENED))
    return [smiling - neutral, opened - neutral]
