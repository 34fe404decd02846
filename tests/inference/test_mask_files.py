"""Masks as files: index, palette and colour masks, and files that are not masks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scgan.data.masks import TRANSPARENT_NOTE
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS
from scgan.inference.conditions import from_masks
from scgan.inference.mask_files import FILLED_NOTE, list_masks, open_mask_file, read_mask, save_mask
from scgan.schema import Schema, colorize
from scgan.utils.errors import UserError

SCHEMA = Schema(32, FACE_CLASSES, FACE_COLORS, ("Male", "Young"), landmarks=True)


@pytest.fixture
def mask() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 7, (8, 8), np.uint8).repeat(4, 0).repeat(4, 1)


@pytest.mark.parametrize("colors", [16, 7])
def test_a_palette_in_another_order_is_read_by_colour(mask: NDArray[np.uint8], colors: int, tmp_path: Path) -> None:
    image = Image.fromarray(colorize(mask, SCHEMA)).quantize(colors, dither=Image.Dither.NONE)
    assert not np.array_equal(np.asarray(image), mask)
    image.save(tmp_path / "quantized.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "quantized.png", SCHEMA), mask)


@pytest.mark.parametrize(
    "palette",
    [
        np.arange(7).repeat(3),  # the indices as greys: only black is a class colour
        np.zeros(21),  # no palette to speak of: one class colour for all
        np.array([*FACE_COLORS[:0:-1], (9, 9, 9)]),  # class colours, but not all
    ],
)
def test_a_palette_of_other_colours_is_read_by_index(
    mask: NDArray[np.uint8], palette: NDArray[Any], tmp_path: Path
) -> None:
    image = Image.fromarray(mask, "P")
    image.putpalette(palette.astype(np.uint8).tobytes())
    image.save(tmp_path / "palette.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "palette.png", SCHEMA), mask)


def test_colours_of_a_printer_are_colours(mask: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(colorize(mask, SCHEMA)).convert("CMYK").save(tmp_path / "cmyk.tif")
    np.testing.assert_array_equal(read_mask(tmp_path / "cmyk.tif", SCHEMA), mask)


def test_floating_point_pixels_and_arrays(tmp_path: Path) -> None:
    file = tmp_path / "mask.tif"
    Image.new("F", (32, 32), 0.5).save(file)
    with pytest.raises(UserError) as refusal:
        read_mask(file, SCHEMA)
    assert str(refusal.value) == (
        f"{file} has floating-point pixels such as 0.5: save it with whole numbers, as an 8-bit PNG."
    )
    array = np.zeros((32, 32), np.int64)
    array[:4] = 1
    np.save(tmp_path / "mask.npy", array)
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.npy", SCHEMA), array)


def test_a_mask_saved_as_jpeg(mask: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(colorize(mask, SCHEMA)).save(tmp_path / "mask.jpg")
    with pytest.raises(UserError, match=r"mask\.jpg is saved as JPEG, .*: export masks as PNG"):
        read_mask(tmp_path / "mask.jpg", SCHEMA)


def test_a_saved_mask_shows_its_classes_in_colour(mask: NDArray[np.uint8], tmp_path: Path) -> None:
    save_mask(tmp_path / "mask.png", mask, SCHEMA)
    with Image.open(tmp_path / "mask.png") as image:
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), colorize(mask, SCHEMA))


def test_errors_name_the_file_once(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(UserError) as refusal:
        read_mask(tmp_path / "empty.png", SCHEMA)
    assert str(refusal.value) == f"{tmp_path / 'empty.png'} is empty."


def test_ignored_pixels_are_filled_where_the_models_data_have_them(mask: NDArray[np.uint8], tmp_path: Path) -> None:
    file, bordered = tmp_path / "mask.png", mask.copy()
    bordered[:, 3] = 255
    Image.fromarray(bordered).save(file)
    filled = open_mask_file(file, replace(SCHEMA, ignored=True))
    np.testing.assert_array_equal(filled.segmentation[:, [2, 4]], mask[:, [2, 4]])
    assert filled.segmentation.max() < 7 and filled.notes == (FILLED_NOTE,)
    with pytest.raises(UserError, match=r"class index 255 is out of range, the model has 7 classes .* to ignore"):
        read_mask(file, SCHEMA)


def test_transparent_pixels_are_background(mask: NDArray[np.uint8], tmp_path: Path) -> None:
    file, alpha = tmp_path / "mask.png", np.where(mask > 2, 255, 0).astype(np.uint8)
    expected = np.where(mask > 2, mask, 0)
    Image.fromarray(np.dstack([colorize(mask, SCHEMA), alpha])).save(file)
    assert open_mask_file(file, SCHEMA).notes == (TRANSPARENT_NOTE,)
    np.testing.assert_array_equal(read_mask(file, SCHEMA), expected)
    Image.merge("LA", [Image.fromarray(mask), Image.fromarray(alpha)]).save(file)
    np.testing.assert_array_equal(read_mask(file, SCHEMA), expected)
    alpha[0, 0] = 128
    Image.fromarray(np.dstack([colorize(mask, SCHEMA), alpha])).save(file)
    with pytest.raises(UserError, match="is partly transparent"):
        read_mask(file, SCHEMA)


@pytest.mark.parametrize("suffix", ["gif", "webp", "tif", "bmp"])
def test_masks_in_other_formats(mask: NDArray[np.uint8], suffix: str, tmp_path: Path) -> None:
    options = {"lossless": True} if suffix == "webp" else {}
    for pixels in (mask, colorize(mask, SCHEMA)):
        Image.fromarray(pixels).save(tmp_path / f"mask.{suffix}", **options)
        np.testing.assert_array_equal(read_mask(tmp_path / f"mask.{suffix}", SCHEMA), mask)


def test_photos_beside_masks_are_left_out(mask: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(mask).save(tmp_path / "a.jpg")
    with pytest.raises(UserError, match=r"a\.jpg is saved as JPEG"):
        read_mask(list_masks(tmp_path)[0], SCHEMA)
    Image.fromarray(mask).save(tmp_path / "b.gif")
    assert list_masks(tmp_path) == [tmp_path / "b.gif"]


def test_remarks_about_masks_are_said_once(
    mask: NDArray[np.uint8], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        alpha = np.where(mask > 2, 255, 0).astype(np.uint8)
        Image.merge("LA", [Image.fromarray(mask), Image.fromarray(alpha)]).save(tmp_path / f"{name}.png")
    from_masks(tmp_path, SCHEMA)
    assert capsys.readouterr().err == f"{tmp_path / 'a.png'} and 2 more: {TRANSPARENT_NOTE}.\n"
