"""Pose of a head, and its projection to the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Pose:
    """Orientation and place of a head in the image.

    Attributes:
        yaw: turn to the right of the image, in degrees; up to about 30 the far eye stays inside the face's outline.
        tilt: clockwise turn within the image (roll), in degrees.
        center: place of the bridge of the nose in a frontal face, fractions of the image.
        scale: distance of the outer corners of the eyes in a frontal face, as a fraction of the image.
    """

    yaw: float = 0.0
    tilt: float = 0.0
    center: tuple[float, float] = (0.5, 0.45)
    scale: float = 0.3

    def project(self, points: NDArray[Any], outline: bool | NDArray[np.bool_] = False) -> NDArray[np.float64]:
        """Project points in space (n, 3), in the face's own unit, to fractions of the image (n, 2).

        Args:
            points: float (n, 3).
            outline: true for points that are not fixed to the head but lie on its outline. A head is about as deep as
                it is wide, so turning moves its outline but does not make it narrower.
        """
        yaw, tilt = np.radians(self.yaw), np.radians(self.tilt)
        x = points[:, 0] * np.where(outline, 1, np.cos(yaw)) + points[:, 2] * np.sin(yaw)
        y = points[:, 1]
        across, down = x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt)
        return np.asarray(self.center) + self.scale * np.stack([across, down], axis=1)
