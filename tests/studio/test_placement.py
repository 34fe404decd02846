"""Conversion of chosen squares between fractions and pixels."""

import numpy as np

from scgan.data.images import Square
from scgan.studio.placement import to_crop, to_square


def test_crops_are_fractions_of_the_longer_side() -> None:
    photo = np.zeros((50, 200, 3), np.uint8)
    crop = to_crop(Square(-20, 10, 100), photo)
    assert (crop.left, crop.top, crop.side) == (-0.1, 0.05, 0.5)
    assert to_square(crop, photo) == Square(-20, 10, 100)
