"""Decoding of photos, and cropping to squares."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from photo_folder import MASK, PhotoFolder
from scgan.utils.errors import ItemError


def test_a_decompression_bomb(data: PhotoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 700)  # the masks have 800
    with pytest.raises(ItemError, match="too large to decode safely"):
        data.open().read(0)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 300)  # more than twice that is another error of Pillow's
    with pytest.raises(ItemError, match="too large to decode safely"):
        data.open().read(0)


def test_exif_orientation_is_respected(data: PhotoFolder) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: shown after a quarter turn clockwise
    lying = np.zeros((20, 40, 3), np.uint8)
    lying[:, :20] = 250  # the left half as stored is the upper half as shown
    data.photo("p0", lying, quality=95, exif=exif)
    image = data.open(crop="pad").read(0).image
    assert image[8, 16].min() > 200 and image[24, 16].max() < 50


def test_transparent_parts_are_white(data: PhotoFolder) -> None:
    (data.folder / "images" / "p0.jpg").unlink()
    data.photo("p0", np.zeros((40, 20, 4), np.uint8), "png")
    assert data.open().read(0).image.min() == 255


def test_crops(data: PhotoFolder) -> None:
    photo = np.zeros((40, 20, 3), np.uint8)
    photo[..., 0] = np.where(MASK > 0, 250, 50)
    data.photo("p0", photo, quality=100, subsampling=0)
    (center, foreground, pad) = (data.open(crop=crop).read(0) for crop in ("center", "foreground", "pad"))
    assert (center.segmentation == 1).sum() == 0, "the hair is above the middle"
    for item in (foreground, pad):
        # The photo is scaled with the mask: red where there is a class.
        assert item.image[item.segmentation > 0, 0].mean() > 200 > 120 > item.image[item.segmentation == 0, 0].mean()
    # pad: all 40 rows are seen; rows 4…29 become 3…23 of 32, columns 6…13, now 16…23 of 40, become 13…18 of 32.
    rows, columns = np.nonzero(pad.segmentation)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 23, 13, 18)
    # foreground: 26 rows and a tenth more are 29: over the edges of the 20 columns, background is added.
    rows, columns = np.nonzero(foreground.segmentation)
    assert rows.max() - rows.min() + 1 == pytest.approx(26 / 29 * 32, abs=1)
    assert rows.min() > 0 and rows.max() < 31
    assert np.unique(foreground.image[:, [0, 31], 0]).max() < 60, "the padding repeats the border"


def test_foreground_crop_keeps_tall_objects_whole(data: PhotoFolder) -> None:
    mask = np.zeros((40, 20), np.uint8)
    mask[:, 15:] = 1
    mask[0], mask[39] = 2, 3
    data.mask("p0", mask)
    segmentation = data.open(crop="foreground").read(0).segmentation
    assert (segmentation[0] == 2).any() and (segmentation[31] == 3).any()
    data.mask("p1", np.zeros((40, 20), np.uint8))
    with pytest.raises(ItemError, match="nothing but background"):
        data.open(crop="foreground").read(1)
