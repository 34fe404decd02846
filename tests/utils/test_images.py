"""Drawing helpers: positions of pixels, enlargement, shortened text."""

import io

import numpy as np
import pytest
from PIL import Image

from scgan.utils.images import Card, enlarge, grid, overlay, png, sheet


def test_grid_places_images_row_by_row() -> None:
    images = np.arange(1, 4, dtype=np.uint8)[:, None, None, None].repeat(2, 1).repeat(2, 2).repeat(3, 3)
    canvas = grid(images, columns=2, gap=1, background=(9, 9, 9))
    assert canvas[..., 0].tolist() == [
        [1, 1, 9, 2, 2],
        [1, 1, 9, 2, 2],
        [9, 9, 9, 9, 9],
        [3, 3, 9, 9, 9],
        [3, 3, 9, 9, 9],
    ]


def test_enlarge_repeats_pixels() -> None:
    image = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    assert enlarge(image, 2)[..., 0].tolist() == [[0, 0, 255, 255]] * 2
    assert len(np.unique(enlarge(image, 4, smooth=True))) > 2


def test_overlay_mixes_grey_and_colour() -> None:
    white = np.full((1, 1, 1, 3), 255, np.uint8)
    red = np.array([[[[200, 0, 0]]]], np.uint8)
    assert overlay(white, red, opacity=0.5).tolist() == [[[[228, 128, 128]]]]
    assert overlay(white, red, opacity=1).tolist() == red.tolist()


def test_png_keeps_every_pixel() -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    with Image.open(io.BytesIO(png(image))) as read:
        assert (np.asarray(read) == image).all()


def test_sheet_holds_every_card_and_long_texts_do_not_widen_it() -> None:
    red, blue = np.full((40, 40, 3), (250, 0, 0), np.uint8), np.full((40, 40, 3), (0, 0, 250), np.uint8)
    short = sheet("title", [Card((red, blue), "one", "a b")] * 5, columns=3, legend=[("sky", (0, 250, 0))])
    long = sheet("t" * 500, [Card((red, blue), "one" * 50, "word " * 90)] * 5, columns=3, legend=[("sky", (0, 250, 0))])
    assert short.shape[1] == long.shape[1]
    assert long.shape[0] > short.shape[0]
    for canvas in (short, long):
        assert (canvas == (250, 0, 0)).all(-1).sum() == (canvas == (0, 0, 250)).all(-1).sum() == 5 * 40 * 40
    assert (short == (0, 250, 0)).all(-1).sum() > 100


@pytest.mark.parametrize("count", [1, 2, 60])
def test_a_long_legend_is_wrapped(count: int) -> None:
    image = np.zeros((32, 32, 3), np.uint8)
    legend = [(f"class number {index}", (10, 200, index)) for index in range(count)]
    canvas = sheet("x", [Card((image,), "a", "")] * 6, columns=6, legend=legend)
    for _, color in legend:
        assert (canvas == color).all(-1).sum() > 100
