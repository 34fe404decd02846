"""Masks whose bit depth Pillow does not keep: few bits for a grey level, many for a colour, TIFF's inverted white."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photo_folder import CLASSES, MASK, PhotoFolder
from scgan.data.class_search import find_classes
from scgan.data.images import decode
from scgan.data.masks import read_classes
from scgan.utils.errors import ItemError, UserError

GREY, COLOR, GREY_WITH_ALPHA = 0, 2, 4  # types of colours in PNG


def write_png(file: Path, rows: NDArray[np.uint8], width: int, depth: int, kind: int, hidden: bytes = b"") -> Path:
    """Write a PNG file of packed rows, uint8 (H, bytes of a row), with a transparent level if one is given."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, len(rows), depth, kind, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    transparency = chunk(b"tRNS", hidden) if hidden else b""
    parts = [chunk(b"IHDR", header), transparency, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return file


def few_bits(file: Path, mask: NDArray[np.uint8], depth: int, hidden: bytes = b"") -> Path:
    """Write a grey mask with 2 or 4 bits for a pixel."""
    per_byte = 8 // depth
    padded = np.pad(mask, ((0, 0), (0, -mask.shape[1] % per_byte)))
    packed = np.zeros((len(mask), padded.shape[1] // per_byte), np.uint8)
    for place in range(per_byte):
        packed = packed << depth | padded[:, place::per_byte]
    return write_png(file, packed.astype(np.uint8), mask.shape[1], depth, GREY, hidden)


def write_tiff(file: Path, pixels: NDArray[np.generic], bits: int, sample_format: int, photometric: int) -> Path:
    """Write an uncompressed TIFF file with one strip."""
    height, width = pixels.shape
    entries = {256: width, 257: height, 258: bits, 259: 1, 262: photometric, 273: 8, 277: 1, 278: height}
    entries |= {279: pixels.nbytes, 339: sample_format}
    data = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(entries.items()))
    file.write_bytes(struct.pack("<2sHI", b"II", 42, 8 + len(data)) + data + directory + struct.pack("<I", 0))
    return file


@pytest.mark.parametrize("depth", [2, 4])
def test_few_bits_hold_class_indices_not_their_grey_levels(depth: int, data: PhotoFolder, tmp_path: Path) -> None:
    """Pillow stretches 1 of 4 bits to 17."""
    file = few_bits(tmp_path / "mask.png", MASK, depth)
    assert decode(file).getextrema() == (0, int(MASK.max()) * (85 if depth == 2 else 17))
    mask = read_classes(data.folder / "classes.json").read(file)
    np.testing.assert_array_equal(mask.segmentation, MASK)
    assert mask.notes == ()
    found = find_classes([file])
    assert len(found.names) == MASK.max() + 1
    np.testing.assert_array_equal(found.read(file).segmentation, MASK)


def test_few_bits_hold_grey_levels_where_these_are_listed(data: PhotoFolder, tmp_path: Path) -> None:
    levels = read_classes(data.write("levels.json", {name: 17 * index for index, name in enumerate(CLASSES)}))
    mask = levels.read(few_bits(tmp_path / "mask.png", MASK, 4))
    np.testing.assert_array_equal(mask.segmentation, MASK)
    (note,) = mask.notes
    assert "grey levels as shown" in note
    every_level = read_classes(data.write("many.json", [f"class {index}" for index in range(60)]))
    with pytest.raises(UserError, match=r"has grey levels of fewer than 8 bits, so 0, 17, .* may be classes"):
        every_level.read(tmp_path / "mask.png")


def test_masks_with_few_bits_beside_others_are_asked_about(tmp_path: Path) -> None:
    """A program that makes files smaller writes 17 and 34 with 4 bits, and 17 and 18 with 8."""
    few = few_bits(tmp_path / "few.png", MASK, 4)
    full = tmp_path / "full.png"
    Image.fromarray(MASK).save(full)
    with pytest.raises(UserError, match=r"few.png has fewer bits for a pixel than .*full.png"):
        find_classes([few, full])


def test_a_transparent_level_of_few_bits_is_background(data: PhotoFolder, tmp_path: Path) -> None:
    file = few_bits(tmp_path / "mask.png", np.where(MASK > 0, MASK, 9).astype(np.uint8), 4, hidden=b"\0\x09")
    np.testing.assert_array_equal(read_classes(data.folder / "classes.json").read(file).segmentation, MASK)


@pytest.mark.parametrize(("kind", "channels"), [(COLOR, 3), (GREY_WITH_ALPHA, 2)])
def test_colours_of_16_bits_are_refused(kind: int, channels: int, data: PhotoFolder, tmp_path: Path) -> None:
    """Pillow reads the upper 8 bits only: 1 and 2 would both be 0."""
    pixels = np.repeat(MASK[..., None], channels, axis=2).astype(">u2").view(np.uint8).reshape(len(MASK), -1)
    file = write_png(tmp_path / "mask.png", pixels, MASK.shape[1], 16, kind)
    with pytest.raises(UserError, match=rf"mask.png has 16 bits for each of its {channels} channels"):
        read_classes(data.folder / "classes.json").read(file)
    grey = write_png(tmp_path / "grey.png", MASK.astype(">u2").view(np.uint8), MASK.shape[1], 16, GREY)
    np.testing.assert_array_equal(read_classes(data.folder / "classes.json").read(grey).segmentation, MASK)


def test_tiff_files_whose_white_is_0_are_refused(data: PhotoFolder, tmp_path: Path) -> None:
    black_is_0 = write_tiff(tmp_path / "plain.tif", MASK, 8, sample_format=1, photometric=1)
    np.testing.assert_array_equal(read_classes(data.folder / "classes.json").read(black_is_0).segmentation, MASK)
    with pytest.raises(UserError, match=r"white.tif is a TIFF file whose white is 0"):
        find_classes([write_tiff(tmp_path / "white.tif", MASK, 8, sample_format=1, photometric=0)])


def test_tiff_files_of_other_numbers_are_called_so(tmp_path: Path) -> None:
    file = write_tiff(tmp_path / "double.tif", MASK.astype(np.float64), 64, sample_format=3, photometric=1)
    with pytest.raises(ItemError, match=r"double.tif is a TIFF file of a kind that cannot be read"):
        decode(file)


def test_empty_masks_are_named_as_such(tmp_path: Path) -> None:
    Image.fromarray(np.zeros_like(MASK)).save(tmp_path / "grey.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "colour.png")
    with pytest.raises(UserError, match="are empty, all of their pixels are 0: nothing was drawn in them"):
        find_classes([tmp_path / "grey.png"])
    with pytest.raises(UserError, match="are empty, black: nothing was drawn in them"):
        find_classes([tmp_path / "colour.png"])
