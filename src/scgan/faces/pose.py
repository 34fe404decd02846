"""How a head is turned and placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.landmarks import LEFT_EYE, RIGHT_EYE, Points


def yaw_score(points: Points) -> float:
    """How far the head is turned: 0 when it faces the camera, above 0 when the nose points to the right of
    the picture; ±0.65 is about 30 degrees, ±1 a head whose far cheek is hidden.

    (a − b) / (a + b), where a and b are the distances from the tip of the nose to the left and right end of the jaw,
    along the line through the eyes. Position, size and tilt of the face do not change it.
    """
    along = points[RIGHT_EYE].mean(axis=0) - points[LEFT_EYE].mean(axis=0)
    left, right = (points[30] - points[0]) @ along, (points[16] - points[30]) @ along
    return float((left - right) / (left + right))


@dataclass(frozen=True)
class Pose:
    """Where a head is and how it is turned.

    Attributes:
        yaw: turn to the right of the picture, in degrees; up to about 30 the far eye stays inside the face's outline.
        tilt: clockwise turn within the picture, in degrees.
        center: where the bridge of the nose would be in a frontal face, fractions of the picture.
        scale: the distance of the outer corners of the eyes in a frontal face, as a fraction of the picture.
    """

    yaw: float = 0.0
    tilt: float = 0.0
    center: tuple[float, float] = (0.5, 0.45)
    scale: float = 0.3

    def project(self, points: NDArray[Any], outline: bool | NDArray[np.bool_] = False) -> NDArray[np.float64]:
        """Points in space (n, 3), in the face's own unit → fractions of the picture (n, 2).

        Args:
            points: float (n, 3).
            outline: which of them are not fixed to the head but lie where it ends. A head is about as deep as it is
                wide: turning moves its outline, but does not make it narrower.
        """
        yaw, tilt = np.radians(self.yaw), np.radians(self.tilt)
        x = points[:, 0] * np.where(outline, 1, np.cos(yaw)) + points[:, 2] * np.sin(yaw)
        y = points[:, 1]
        across, down = x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt)
        return np.asarray(self.center) + self.scale * np.stack([across, down], axis=1)
