"""Placement of squares in photos, as the model's data were cropped."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from scgan.data.images import Square, foreground_square
from scgan.inference.photo_placement import place_photo
from scgan.inference.synthesizer import Synthesizer


def dark_finder(crop: str | None) -> Synthesizer:
    """Stand-in for a model whose segmentor takes dark pixels for the foreground."""

    def segment(image: NDArray[np.uint8]) -> NDArray[Any]:
        return (image[..., 0] < 100).astype(np.uint8)

    about = SimpleNamespace(data={} if crop is None else {"crop": crop})
    schema = SimpleNamespace(image_size=64)
    return cast(Synthesizer, SimpleNamespace(model=SimpleNamespace(about=about), schema=schema, segment=segment))


def street_photo() -> NDArray[np.uint8]:
    """Figure from top to bottom, left of the middle."""
    photo = np.full((600, 400, 3), 220, np.uint8)
    photo[30:580, 60:200] = 20
    return photo


@pytest.mark.parametrize(
    ("crop", "square"),
    [
        (None, Square(0, 100, 400)),
        ("center", Square(0, 100, 400)),
        ("pad", Square(-100, 0, 600)),
        (7, Square(0, 100, 400)),
    ],
)
def test_central_and_whole_squares(crop: Any, square: Square) -> None:
    assert place_photo(dark_finder(crop), street_photo()) == square


def test_foreground_square_keeps_head_and_feet() -> None:
    photo = street_photo()
    placed = place_photo(dark_finder("foreground"), photo)
    expected = foreground_square((photo[..., 0] < 100).astype(np.uint8))
    np.testing.assert_allclose(placed, expected, atol=12)  # a pixel of the segmentor is 9.4 pixels of the photo
    assert placed.top <= 30 and placed.top + placed.side >= 580


def test_photo_without_foreground_is_taken_whole() -> None:
    assert place_photo(dark_finder("foreground"), np.full((30, 90, 3), 255, np.uint8)) == Square(0, -30, 90)
