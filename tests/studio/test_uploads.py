"""Uploaded photos and masks: damaged metadata, transparency, ignored pixels, formats."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scgan.schema import Schema
from scgan.studio.uploads import MAX_PHOTO_SIDE, decode_mask, decode_photo
from scgan.utils.errors import UserError

SCHEMA = Schema(32, ("background", "leaf"), ((0, 0, 0), (200, 40, 40)), ignored=True)
MASK = np.zeros((32, 32), np.uint8)
MASK[4:20, 8:24] = 1


def encoded(image: Any, file_format: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, file_format, **options)
    return file.getvalue()


@pytest.mark.parametrize("exif", [b"Exif\0\0\0\x08\0\x02\x01\x12\0\x03", b"Exif\0\0MM\0*\xff\xff\xff\xff"])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_photos_with_damaged_metadata(file_format: str, exif: bytes) -> None:
    photo = decode_photo(encoded(np.full((20, 30, 3), 90, np.uint8), file_format, exif=exif))
    assert photo.shape == (20, 30, 3)
    np.testing.assert_allclose(photo, 90, atol=2)


def test_transparent_and_ignored_pixels_are_said() -> None:
    alpha = np.where(MASK > 0, 255, 0).astype(np.uint8)
    mask, notice = decode_mask(encoded(np.dstack([np.full((32, 32, 3), (200, 40, 40), np.uint8), alpha])), SCHEMA)
    np.testing.assert_array_equal(mask, MASK)
    assert notice == "Transparent pixels of the mask are background."
    bordered = MASK.copy()
    bordered[3] = 255
    mask, notice = decode_mask(encoded(bordered), SCHEMA)
    assert (
        mask.max() == 1 and notice is not None and notice.startswith("Ignored pixels (255) of the mask get the class")
    )
    mask, notice = decode_mask(encoded(bordered.repeat(2, 0).repeat(2, 1)), SCHEMA)
    assert mask.shape == (32, 32) and notice is not None and "nearest neighbour. The mask was 64×64:" in notice


def test_masks_that_are_refused() -> None:
    smooth = np.dstack([np.zeros((32, 32, 3), np.uint8), np.full((32, 32), 99, np.uint8)])
    for data, message in (
        (encoded(MASK, "JPEG"), "^the file is saved as JPEG"),
        (encoded(MASK, "WEBP"), "^the file is saved as lossy WebP"),
        (encoded(smooth), "^the file is partly transparent"),
        (encoded(MASK, "TIFF", save_all=True, append_images=[Image.fromarray(MASK)]), "has 2 frames"),
    ):
        with pytest.raises(UserError, match=message):
            decode_mask(data, SCHEMA)


def test_large_photos_are_reduced() -> None:
    rows = np.linspace(0, 255, 2600).astype(np.uint8)
    photo = np.broadcast_to(rows[:, None, None], (2600, 1300, 3))
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side
    for image in (Image.fromarray(photo), Image.fromarray(photo).convert("P")):
        reduced = decode_photo(encoded(image, "PNG"))
        assert reduced.shape == (MAX_PHOTO_SIDE, MAX_PHOTO_SIDE // 2, 3)
        np.testing.assert_allclose(reduced[[0, 1023, -1], 0, 0], [0, 127, 255], atol=6)
    turned = decode_photo(encoded(np.ascontiguousarray(photo), "JPEG", exif=exif))
    assert turned.shape[1] > turned.shape[0] <= MAX_PHOTO_SIDE // 2
    assert turned[0, 0, 0] > 200 > 50 > turned[0, -1, 0]


@pytest.mark.parametrize(
    ("size", "words"), [((5100, 5100), "more than 25000000"), ((3000, 20), "crop it"), ((9, 2000), "crop it")]
)
def test_sizes_are_checked_before_decoding(size: tuple[int, int], words: str) -> None:
    content = encoded(Image.new("1", size))
    with pytest.raises(UserError, match=words):
        decode_photo(content)
    with pytest.raises(UserError, match="pixels, more than"):
        decode_mask(content, SCHEMA)
