"""Square parts of photos that a person chose, as fractions and in pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import Square
from scgan.studio.messages import Crop


def to_square(crop: Crop, photo: NDArray[np.uint8]) -> Square:
    """Convert fractions of the longer side to pixels."""
    longer = max(photo.shape[:2])
    return Square(round(crop.left * longer), round(crop.top * longer), max(1, round(crop.side * longer)))


def to_crop(square: Square, photo: NDArray[np.uint8]) -> Crop:
    """Convert pixels to fractions of the longer side."""
    longer = max(photo.shape[:2])
    return Crop(left=square.left / longer, top=square.top / longer, side=square.side / longer)
