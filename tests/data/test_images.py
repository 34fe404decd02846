"""Decoding of photos, and cropping to squares."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from photo_folder import MASK, PhotoFolder
from scgan.data.images import (
    Square,
    cut_mask,
    cut_photo,
    decode,
    open_photo,
    read_orientation,
    read_photo,
    require_bounded,
    upright,
)
from scgan.utils.errors import ItemError


def test_a_decompression_bomb(data: PhotoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 700)  # the masks have 800
    with pytest.raises(ItemError, match=r"too large to decode safely \(above 700 pixels\): make it smaller"):
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


@pytest.mark.parametrize(("side", "size"), [(128, 64), (192, 64), (256, 64), (178, 64), (384, 64), (48, 64), (32, 64)])
def test_masks_lie_on_their_photos(side: int, size: int) -> None:
    """Compare a vertical edge at 401 positions: centre of the photo's step with the border in the mask."""
    square, shifts = Square(0, 0, side), []
    for edge in np.linspace(0.4 * side, 0.6 * side, 401):
        pixels = np.arange(side)
        photo = np.round(255 * np.clip(pixels + 1 - edge, 0, 1)).astype(np.uint8)
        mask = (pixels + 0.5 > edge).astype(np.uint8)
        image = cut_photo(np.broadcast_to(photo[None, :, None], (side, side, 3)).copy(), square, size)
        segmentation = cut_mask(np.broadcast_to(mask, (side, side)).copy(), square, size)
        lying = cut_mask(np.broadcast_to(mask[:, None], (side, side)).copy(), square, size)
        np.testing.assert_array_equal(lying.T, segmentation)
        shifts.append(image[size // 2, :, 0].astype(float).sum() / 255 - (1 - segmentation[0].astype(float)).sum())
    assert abs(np.mean(shifts)) <= 0.02


def test_masks_reduced_by_half_take_both_neighbours_in_turn() -> None:
    mask = np.broadcast_to(np.arange(8, dtype=np.uint8), (8, 8)).copy()
    assert cut_mask(mask, Square(0, 0, 8), 4)[0].tolist() == [0, 3, 4, 7]
    assert cut_mask(mask.T.copy(), Square(0, 0, 8), 4)[:, 0].tolist() == [0, 3, 4, 7]


def test_all_orientations() -> None:
    stored = np.arange(6, dtype=np.uint8).reshape(2, 3)
    for orientation in range(1, 9):
        image = Image.fromarray(stored)
        image.getexif()[0x0112] = orientation
        np.testing.assert_array_equal(upright(stored, orientation), np.asarray(ImageOps.exif_transpose(image)))


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0\0\x08\0\x02\x01\x12\0\x03",  # no header
        b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01\x12\0\x03\0\0",  # cut off
        b"Exif\0\0MM\0*\xff\xff\xff\xff",  # beyond the end
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x63\0\0\0\0\0\0",  # orientation 99
    ],
)
def test_damaged_exif_leaves_the_pixels(suffix: str, exif: bytes, tmp_path: Path) -> None:
    stored = np.full((12, 20, 3), 90, np.uint8)
    file = tmp_path / f"a.{suffix}"
    Image.fromarray(stored).save(file, exif=exif, quality=100)
    photo = open_photo(file)
    assert photo.orientation == 1 == read_orientation(file)
    np.testing.assert_allclose(photo.pixels, stored, atol=2)
    require_bounded(str(file), BytesIO(file.read_bytes()), 1000)


@pytest.mark.parametrize(
    "chunk",
    [
        (b"tEXt", b"a\0b", 5),  # wrong checksum
        (b"zTXt", b"a\0\0" + zlib.compress(bytes(10**7)), None),
        (b"pHYs", b"ab", None),
        (b"eXIf", b"MM\0*\xff", None),
        (b"iCCP", b"a\0\0" + zlib.compress(b"no profile" * 50), None),
    ],
)
def test_damaged_metadata_of_png(chunk: tuple[bytes, bytes, int | None], tmp_path: Path) -> None:
    kind, body, checksum = chunk
    file = tmp_path / "a.png"
    Image.new("RGB", (6, 4), (10, 20, 30)).save(file)
    data = file.read_bytes()
    tail = (zlib.crc32(kind + body) if checksum is None else checksum).to_bytes(4, "big")
    file.write_bytes(data[:33] + len(body).to_bytes(4, "big") + kind + body + tail + data[33:])
    assert read_photo(file).tolist() == np.full((4, 6, 3), (10, 20, 30)).tolist()
    require_bounded("upload", BytesIO(file.read_bytes()), 100)
    file.write_bytes(data[:-30])
    with pytest.raises(ItemError, match=r"a\.png cannot be decoded"):
        read_photo(file)


def test_damaged_segments_of_jpeg(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    Image.new("RGB", (16, 16), (10, 20, 30)).save(file, quality=100)
    data = file.read_bytes()
    damaged_mpf = b"MPF\0MM\0*\0\0\0\x08" + b"\xff" * 30
    for marker, body in ((0xE0, b"JFIF\0"), (0xEE, b"Adobe"), (0xE2, damaged_mpf), (0xFE, b"")):
        segment = bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body
        file.write_bytes(data[:2] + segment + data[2:])
        np.testing.assert_allclose(read_photo(file)[0, 0], (10, 20, 30), atol=2)


def test_damaged_profiles_are_mentioned(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGB", (4, 4), (255, 0, 0)).save(file, icc_profile=b"none")
    assert open_photo(file).notes == ("colour profile 'damaged' cannot be used, colours taken as sRGB",)
    assert open_photo(file).pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["RGB", "P", "L"])
def test_orientation_means_the_same_in_tiff(mode: str, orientation: int, tmp_path: Path) -> None:
    """Pillow turns the pixels of TIFF files, and of no others."""
    image = Image.fromarray(np.arange(0, 240, 10, np.uint8).reshape(4, 6)).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    photos = []
    for suffix in (".png", ".tif"):
        file = tmp_path / f"a{suffix}"
        image.save(file, exif=exif)
        photos.append(open_photo(file))
        np.testing.assert_array_equal(np.asarray(decode(file)), np.asarray(image))
    assert photos[0].orientation == photos[1].orientation == orientation
    np.testing.assert_array_equal(photos[0].pixels, photos[1].pixels)


@pytest.mark.parametrize("suffix", ["png", "gif", "tif", "webp"])
def test_photos_with_several_frames(suffix: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "lime")]
    file = tmp_path / f"a.{suffix}"
    frames[0].save(file, save_all=True, append_images=frames[1:])
    photo = open_photo(file)
    assert photo.notes == ("the first of 2 frames or pages is read",) and photo.pixels[0, 0, 0] > 250
    assert open_photo(Path("x"), BytesIO(file.read_bytes())).notes == photo.notes


@pytest.mark.parametrize("suffix", [".jfif", ".gif", ".JPG"])
def test_photos_by_any_suffix(data: PhotoFolder, suffix: str) -> None:
    pixels = np.full((40, 20, 3), 77, np.uint8)
    (data.folder / "images" / "p0.jpg").unlink()
    Image.fromarray(pixels).save(data.folder / "images" / f"p0{suffix}")
    np.testing.assert_allclose(data.open().read(0).image, 77, atol=2)
