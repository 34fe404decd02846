"""How well a strip holds still where it should, and how evenly it moves where it may."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Drift(NamedTuple):
    """How much a strip's background changes; pictures in [0, 1].

    Attributes:
        background: mean absolute difference from the middle frame, in pixels that are background in all frames.
        border: the same at the picture's border, an eighth of its size wide, where moving hair does not reach.
        step: the largest change between two neighbouring frames, all pixels, divided by the mean one; 1 is an even
            motion.
    """

    background: float
    border: float
    step: float


def drift(images: NDArray[np.uint8], masks: NDArray[Any]) -> Drift:
    """Measure a strip.

    Args:
        images: uint8 (S, H, W, 3), at least 2.
        masks: integers (S, H, W), class indices; 0 is the background.

    Returns:
        NaN where no pixel is background in all frames.
    """
    pictures = images.astype(np.float64) / 255
    background = (np.asarray(masks) == 0).all(axis=0)
    border = background.copy()
    width = len(border) // 8
    border[width:-width, width:-width] = False
    middle = len(pictures) // 2
    changes = np.abs(np.delete(pictures, middle, axis=0) - pictures[middle]).mean(axis=(0, 3))
    steps = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2, 3))
    return Drift(
        float(changes[background].mean()) if background.any() else np.nan,
        float(changes[border].mean()) if border.any() else np.nan,
        float(steps.max() / steps.mean()) if steps.any() else np.nan,
    )
