"""Measures of a path's images: stability of the background, evenness of the motion."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Drift(NamedTuple):
    """Change along a path, of images in [0, 1].

    Attributes:
        background: mean absolute difference from the middle frame, in pixels that are background in all frames.
        border: the same in the outer eighth of the image, which moving hair does not reach.
        step: largest change between consecutive frames divided by the mean change, all pixels; 1 is an even motion.
    """

    background: float
    border: float
    step: float


def drift(images: NDArray[np.uint8], masks: NDArray[Any]) -> Drift:
    """Measure the images of a path.

    Args:
        images: uint8 (S, H, W, 3), at least 2.
        masks: integers (S, H, W), class indices; 0 is the background.

    Returns:
        NaN for background and border if no pixel is background in all frames; NaN for the step if nothing changes.
    """
    scaled = images.astype(np.float64) / 255
    background = (np.asarray(masks) == 0).all(axis=0)
    border = background.copy()
    width = len(border) // 8
    border[width:-width, width:-width] = False
    middle = len(scaled) // 2
    changes = np.abs(np.delete(scaled, middle, axis=0) - scaled[middle]).mean(axis=(0, 3))
    steps = np.abs(np.diff(scaled, axis=0)).mean(axis=(1, 2, 3))
    return Drift(
        float(changes[background].mean()) if background.any() else np.nan,
        float(changes[border].mean()) if border.any() else np.nan,
        float(steps.max() / steps.mean()) if steps.any() else np.nan,
    )
