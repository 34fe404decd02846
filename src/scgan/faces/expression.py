"""How a face of 68 points is turned and what it does with mouth and eyebrows: measured, and changed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.faces.head import SHAPE, YAW, Head, to_heads, to_points
from scgan.faces.landmarks import (
    INNER_LIPS,
    JAW,
    LANDMARK_COUNT,
    LEFT_EYE,
    LEFT_EYEBROW,
    OUTER_LIPS,
    RIGHT_EYE,
    RIGHT_EYEBROW,
    Points,
)
from scgan.faces.mean_face import face_points
from scgan.faces.pose import Pose
from scgan.utils.errors import UserError

_LIPS = slice(OUTER_LIPS.start, INNER_LIPS.stop)
_EYEBROWS = slice(LEFT_EYEBROW.start, RIGHT_EYEBROW.stop)
_OUTLINE = np.arange(LANDMARK_COUNT) < JAW.stop
_NEUTRAL, _SMILING, _OPENED = face_points(), face_points(smile=1.0), face_points(mouth_open=1.0)
_MIN_SPREAD = 1e-3  # of the picture: points closer together are no face


class Expression(NamedTuple):
    """What the face model can say about a face.

    Attributes:
        turn: to the right of the picture, in degrees.
        smile: 0 neutral, 1 a friendly smile.
        mouth_open: 0 closed, 1 wide open.
        eyebrows: height over the mean face's, in distances of the outer corners of the eyes.
    """

    turn: float
    smile: float
    mouth_open: float
    eyebrows: float


def measure(points: NDArray[Any]) -> Expression:
    """The expression of a face, float (68, 2), fractions of the picture.

    Raises:
        UserError: all points lie in one place.
    """
    require_face(points)
    return _measure(to_heads(points))


def require_face(points: NDArray[Any]) -> None:
    """Refuse points of which no head can be made.

    Raises:
        UserError: all points lie in one place.
    """
    if np.ptp(points[17:48], axis=0).max() < _MIN_SPREAD:
        raise UserError("these landmarks lie in one place: they are no face.")


def express(points: NDArray[Any], expression: Expression) -> Points:
    """The same face with another expression: all that the face model does not explain stays as it is.

    Returns:
        float32 (68, 2).

    Raises:
        UserError: as ``measure``.
    """
    require_face(points)
    head = to_heads(points)
    head[YAW] = expression.turn
    found = _measure(head)
    shape = head[SHAPE].reshape(LANDMARK_COUNT, 2)  # a view
    smiling, opening = _motions(head[YAW])
    shape += (expression.smile - found.smile) * smiling + (expression.mouth_open - found.mouth_open) * opening
    shape[_EYEBROWS, 1] -= expression.eyebrows - _measure(head).eyebrows
    return to_points(head)


def _measure(head: Head) -> Expression:
    shape = head[SHAPE].reshape(LANDMARK_COUNT, 2)
    motions = np.stack([motion[_LIPS].ravel() for motion in _motions(head[YAW])], axis=1)
    # The mouth as a whole may sit elsewhere than in the mean face: that is no expression.
    lips = shape[_LIPS] - shape[_LIPS].mean(axis=0)
    motions -= np.tile(motions.reshape(-1, 2, 2).mean(axis=0), (len(lips), 1))
    smile, mouth_open = np.linalg.lstsq(motions, lips.ravel(), rcond=None)[0]
    return Expression(float(head[YAW]), float(smile), float(mouth_open), float(-shape[_EYEBROWS, 1].mean()))


def _motions(yaw: float) -> list[NDArray[np.float64]]:
    """What a smile and an opening mouth do to the points of a head seen from the side: two of (68, 2)."""
    pose = Pose(yaw, center=(0.0, 0.0), scale=1.0)
    neutral, smiling, opened = (pose.project(points, _OUTLINE) for points in (_NEUTRAL, _SMILING, _OPENED))
    return [smiling - neutral, opened - neutral]


def smile_score(points: Points) -> float:
    """How much the face smiles: about 0.8 when it does not, 1 when it does, more when it laughs.

    The width of the mouth and the height of its corners over the middle of the lips, both in distances between the
    centres of the eyes. Position, size and tilt of the face do not change it.
    """
    along = points[RIGHT_EYE].mean(axis=0) - points[LEFT_EYE].mean(axis=0)
    distance = float(np.linalg.norm(along))
    down = np.array([-along[1], along[0]]) / distance
    width = float(np.linalg.norm(points[54] - points[48]))
    lift = float((points[[51, 57, 62, 66]].mean(axis=0) - points[[48, 54]].mean(axis=0)) @ down)
    return (width + lift) / distance
