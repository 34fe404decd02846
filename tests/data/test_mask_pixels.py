"""Mask files by mode, bit depth, transparency and format: read alike by `prepare folder`, or refused by the cause."""

from __future__ import annotations

import resource
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photo_folder import CLASSES, COLORS, MASK, PhotoFolder
from scgan.data.class_search import find_classes
from scgan.data.mask_pixels import open_mask, read_pixels
from scgan.data.masks import TRANSPARENT_NOTE, Classes, read_classes
from scgan.utils.errors import UserError

RGB = np.array(list(COLORS.values()), np.uint8)[MASK]


@pytest.fixture
def by_index(data: PhotoFolder) -> Classes:
    return read_classes(data.folder / "classes.json")


@pytest.fixture
def by_color(data: PhotoFolder) -> Classes:
    return read_classes(data.write("colors.json", COLORS))


def save(folder: Path, image: Any, suffix: str = "png", **options: Any) -> Path:
    file = folder / f"mask.{suffix}"
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, **options)
    return file


def test_transparent_pixels_are_background(by_index: Classes, by_color: Classes, tmp_path: Path) -> None:
    alpha = np.where(MASK > 0, 255, 0).astype(np.uint8)
    hidden_red = np.where(MASK[..., None] > 0, RGB, [255, 0, 0]).astype(np.uint8)
    colors = save(tmp_path, np.dstack([hidden_red, alpha]))
    assert by_color.read(colors).notes == (TRANSPARENT_NOTE,)
    np.testing.assert_array_equal(by_color.read(colors).segmentation, MASK)
    grey = Image.merge("LA", [Image.fromarray(np.where(MASK > 0, MASK, 3).astype(np.uint8)), Image.fromarray(alpha)])
    np.testing.assert_array_equal(by_index.read(save(tmp_path, grey)).segmentation, MASK)
    np.testing.assert_array_equal(by_index.read(save(tmp_path, grey, "webp", lossless=True, exact=True))[0], MASK)


@pytest.mark.parametrize("mode", ["P", "L"])
def test_a_transparent_value_is_background(mode: str, by_index: Classes, tmp_path: Path) -> None:
    image = Image.fromarray(np.where(MASK > 0, MASK, 200).astype(np.uint8), mode)
    if mode == "P":
        image.putpalette(np.arange(256).repeat(3).astype(np.uint8).tobytes())
    mask = by_index.read(save(tmp_path, image, transparency=200))
    assert mask.notes == (TRANSPARENT_NOTE,)
    np.testing.assert_array_equal(mask.segmentation, MASK)


def test_hidden_colours_are_no_classes(data: PhotoFolder) -> None:
    rgba = np.dstack([np.where(MASK[..., None] > 0, RGB, [9, 9, 9]), np.where(MASK > 0, 255, 0)]).astype(np.uint8)
    file = save(data.folder, rgba)
    classes = find_classes([file])
    assert classes.names == ("#000000", "#0000ff", "#00ff00", "#ff0000")
    np.testing.assert_array_equal(classes.read(file).segmentation > 0, MASK > 0)


def test_partial_transparency_is_smoothing(by_color: Classes, tmp_path: Path) -> None:
    alpha = np.where(MASK > 0, 255, 0).astype(np.uint8)
    alpha[0, 0] = 7
    file = save(tmp_path, np.dstack([RGB, alpha]))
    with pytest.raises(UserError, match=r"mask\.png is partly transparent in 0\.1% .* smoothing"):
        by_color.read(file)
    with pytest.raises(UserError, match="partly transparent"):
        find_classes([file])


def test_lossy_formats_are_refused_by_the_format(by_index: Classes, by_color: Classes, tmp_path: Path) -> None:
    files = [
        (save(tmp_path, MASK, "jpg", quality=100), "JPEG"),
        (save(tmp_path, MASK, "jfif", format="JPEG"), "JPEG"),
        (save(tmp_path, RGB, "webp", quality=90), "lossy WebP"),
        (save(tmp_path, RGB, "tif", compression="jpeg"), "JPEG"),
        (save(tmp_path, MASK, "png", format="JPEG"), "JPEG"),  # renamed
    ]
    for file, name in files:
        for read in (by_index.read, by_color.read, lambda file: find_classes([file])):
            with pytest.raises(
                UserError, match=rf"{file.name} is saved as {name}, which changes .*: export masks as PNG"
            ):
                read(file)
    np.testing.assert_array_equal(by_color.read(save(tmp_path, RGB, "webp", lossless=True)).segmentation, MASK)


def test_masks_with_one_bit(data: PhotoFolder, tmp_path: Path) -> None:
    file = save(tmp_path, MASK > 0)
    np.testing.assert_array_equal(read_classes(data.write("a.json", ["bg", "object"])).read(file)[0], MASK > 0)
    mask, notes = read_classes(data.write("b.json", {"bg": 0, "object": 255})).read(file)
    np.testing.assert_array_equal(mask, MASK > 0)
    assert notes == ("values of the mask are its grey levels as shown (white is 255)",)
    assert find_classes([file]).names == ("class 0", "class 1")


def test_grey_levels_of_gif_and_of_palettes(data: PhotoFolder, tmp_path: Path) -> None:
    classes = read_classes(data.write("a.json", {"bg": 0, "object": 255}))
    white = Image.fromarray(np.where(MASK > 0, 255, 0).astype(np.uint8))
    np.testing.assert_array_equal(classes.read(save(tmp_path, white, "gif")).segmentation, MASK > 0)
    palette = Image.fromarray((MASK > 0).astype(np.uint8), "P")
    palette.putpalette([0, 0, 0, 255, 255, 255])
    np.testing.assert_array_equal(classes.read(save(tmp_path, palette)).segmentation, MASK > 0)


def test_a_gif_in_colours_is_read_by_colour(by_index: Classes, by_color: Classes, tmp_path: Path) -> None:
    file = save(tmp_path, Image.fromarray(RGB), "gif")
    np.testing.assert_array_equal(by_color.read(file).segmentation, MASK)
    with pytest.raises(UserError, match="is a colour mask"):  # writers of GIF change the order of palettes
        by_index.read(file)


def test_values_of_sixteen_bits(data: PhotoFolder, tmp_path: Path) -> None:
    file = save(tmp_path, np.where(MASK > 0, 65535, 0).astype(np.uint16))
    np.testing.assert_array_equal(
        read_classes(data.write("a.json", {"bg": 0, "object": 65535})).read(file).segmentation, MASK > 0
    )
    with pytest.raises(UserError, match=r"go up to 65535 \(0, 65535\): say what they mean with --classes"):
        find_classes([file])


def test_colours_of_a_printer(by_color: Classes, tmp_path: Path) -> None:
    np.testing.assert_array_equal(by_color.read(save(tmp_path, Image.fromarray(RGB).convert("CMYK"), "tif"))[0], MASK)


@pytest.mark.parametrize("value", [2**31 - 1, -1, -9999, 70000])
def test_absurd_values_are_refused_by_the_value(value: int, by_index: Classes, tmp_path: Path) -> None:
    mask = MASK.astype(np.int32)
    mask[0, 0] = value
    file = save(tmp_path, mask, "tif")
    for read in (by_index.read, lambda file: find_classes([file])):
        with pytest.raises(UserError, match=rf"mask\.tif has the value {value} \(1 of 800 pixels have such values\)"):
            read(file)


def test_floating_point_masks_hold_whole_numbers(by_index: Classes, tmp_path: Path) -> None:
    np.testing.assert_array_equal(by_index.read(save(tmp_path, MASK.astype(np.float32), "tif")).segmentation, MASK)
    with pytest.raises(UserError, match=r"floating-point pixels such as 0\.5: save it with whole numbers"):
        by_index.read(save(tmp_path, MASK.astype(np.float32) / 2, "tif"))


@pytest.mark.parametrize("suffix", ["tif", "gif", "png", "webp"])
def test_several_frames_are_refused(suffix: str, by_index: Classes, tmp_path: Path) -> None:
    more = [Image.fromarray(MASK[::-1].copy())]
    options = {"lossless": True} if suffix == "webp" else {}
    file = save(tmp_path, MASK, suffix, save_all=True, append_images=more, **options)
    with pytest.raises(UserError, match=r"has 2 frames or pages: save the one that is the mask"):
        by_index.read(file)


def test_a_mask_in_memory_is_read_like_a_file(tmp_path: Path) -> None:
    def values(suffix: str, **options: Any) -> NDArray[np.int64]:
        content = BytesIO(save(tmp_path, MASK, suffix, **options).read_bytes())
        name = Path(f"upload.{suffix}")
        return read_pixels(open_mask(name, content), name, by_color=False).values

    for suffix in ("png", "gif", "tif"):
        np.testing.assert_array_equal(values(suffix), MASK)
    with pytest.raises(UserError, match=r"upload\.webp is saved as lossy WebP"):
        values("webp")


def test_absurd_values_take_no_memory(tmp_path: Path) -> None:
    data = PhotoFolder(tmp_path)
    mask = MASK.astype(np.int32)
    mask[0, 0] = 2**31 - 1
    for index in range(4):
        (data.folder / "masks" / f"p{index}.png").unlink()
        data.mask(f"p{index}", mask, "tif")
    arguments = ["--images", data.folder / "images", "--masks", data.folder / "masks", "--out", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-m", "scgan.cli", "prepare", "folder", *map(str, arguments), "--processes", "1"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30)),
        check=False,
    )
    assert done.returncode == 2 and "has the value 2147483647" in done.stderr and "Traceback" not in done.stderr


def test_classes_beyond_the_list(data: PhotoFolder) -> None:
    data.mask("p0", np.full((40, 20), 200, np.uint8))
    with pytest.raises(
        UserError, match=rf"class index 200 is out of range, .* has {len(CLASSES)} classes .*201 classes"
    ):
        data.open()


@pytest.mark.parametrize("levels", [(0, 128), (0, 147, 151, 220), (30, 90, 200)])
def test_grey_levels_of_objects_are_no_class_indices(levels: tuple[int, ...], tmp_path: Path) -> None:
    file = save(tmp_path, np.array(levels, np.uint8)[MASK % len(levels)])
    with pytest.raises(UserError, match=rf"go up to {levels[-1]} \({levels[0]}, .*: say what they mean with --classes"):
        find_classes([file])


def test_indices_that_no_mask_has_are_listed(data: PhotoFolder) -> None:
    (data.folder / "classes.json").unlink()
    for index in range(4):
        data.mask(f"p{index}", np.where(MASK > 0, MASK + 1, 1).astype(np.uint8))
    assert "no mask has the values 0: classes without pixels" in data.open().notes.assumptions
