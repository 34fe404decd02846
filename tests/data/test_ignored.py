"""Ignored pixels: named by value, colour or class; kept as 255 by `prepare`; filled for generators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photo_folder import CLASSES, COLORS, MASK, PhotoFolder
from scgan.data.class_search import find_classes
from scgan.data.ignored import fill_ignored
from scgan.data.masks import read_classes
from scgan.data.prepare.prepare import prepare
from scgan.schema import IGNORED, Schema, colorize
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import Names

BORDER = MASK.copy()
BORDER[20:22] = IGNORED


def bordered(data: PhotoFolder, pixels: Any = BORDER) -> PhotoFolder:
    for index in range(4):
        data.mask(f"p{index}", pixels)
    return data


def test_filling_takes_the_nearest_class_by_hand() -> None:
    mask = np.array([[1, 1, IGNORED, IGNORED, IGNORED, 2], [IGNORED] * 6], np.uint8)
    assert fill_ignored(mask)[0].tolist() == [1, 1, 1, fill_ignored(mask)[0, 3], 2, 2]
    assert fill_ignored(mask)[1, [0, 1, 5]].tolist() == [1, 1, 2]
    assert fill_ignored(np.full((2, 2), IGNORED, np.uint8)).tolist() == [[0, 0], [0, 0]]
    stack = np.stack([mask, np.zeros_like(mask)])
    np.testing.assert_array_equal(fill_ignored(stack), [fill_ignored(mask), np.zeros_like(mask)])
    assert fill_ignored(stack[1]) is not None and not np.shares_memory(fill_ignored(stack), stack)
    without = np.zeros((3, 4, 4), np.uint8)
    assert fill_ignored(without) is without


def test_a_border_without_class_is_refused_with_the_way_out(data: PhotoFolder) -> None:
    with pytest.raises(UserError, match=r"255 usually marks pixels to ignore .*`scgan prepare folder --ignore 255`"):
        bordered(data).open()
    (data.folder / "classes.json").unlink()
    with pytest.raises(UserError, match=r"go up to 255 .* with --ignore 255"):
        data.open()


@pytest.mark.parametrize("with_file", [True, False])
def test_prepare_keeps_ignored_pixels(data: PhotoFolder, tmp_path: Path, with_file: bool) -> None:
    if not with_file:
        (data.folder / "classes.json").unlink()
    source = bordered(data).open(ignore=Names(("255",)))
    assert source.schema.ignored and source.schema.class_count == len(CLASSES)
    assert "pixels with the value 255 belong to no class" in source.notes.assumptions
    folder = prepare(source, tmp_path / "out", processes=1)
    assert folder.schema.ignored and folder.account.ignored_items == 4
    rows = np.arange(4)
    ignored = folder.segmentations[0] == IGNORED
    assert ignored.any() and not (folder.generator_masks(rows) == IGNORED).any()
    np.testing.assert_array_equal(folder.generator_masks(rows)[0][~ignored], folder.segmentations[0][~ignored])


@pytest.mark.parametrize("name", ["ignore", "void", "Unlabeled", " unlabelled "])
def test_a_class_named_so_is_ignored(data: PhotoFolder, name: str) -> None:
    classes = read_classes(data.write("a.json", {**{key: i for i, key in enumerate(CLASSES)}, name: 255}))
    assert classes.names == tuple(CLASSES) and classes.ignored == (255,)
    np.testing.assert_array_equal(classes.read(bordered(data).folder / "masks" / "p0.png").segmentation, BORDER)


def test_a_background_may_be_called_void(data: PhotoFolder) -> None:
    assert read_classes(data.write("a.json", ["void", "leaf"])).ignored == ()
    assert read_classes(data.write("a.json", {"leaf": 1, "void": 0})).ignored == ()


def test_ignored_colours(data: PhotoFolder) -> None:
    colors = np.array(list(COLORS.values()), np.uint8)[MASK]
    colors[BORDER == IGNORED] = 224, 224, 192
    bordered(data, colors)
    file = data.folder / "masks" / "p0.png"
    data.write("classes.json", {**COLORS, "void": [224, 224, 192]})
    np.testing.assert_array_equal(data.open().masks.classes.read(file).segmentation, BORDER)
    data.write("classes.json", COLORS)
    np.testing.assert_array_equal(data.open(ignore=("#E0E0C0",)).masks.classes.read(file).segmentation, BORDER)
    assert "#e0e0c0" not in find_classes([file], ("#e0e0c0",)).names
    with pytest.raises(UserError, match=r"the colour #e0e0c0, which marks the borders of objects.*--ignore '#e0e0c0'"):
        find_classes([file])
    with pytest.raises(UserError, match=r"If it marks pixels to ignore, `scgan prepare folder --ignore '#e0e0c0'`"):
        data.open()
    with pytest.raises(UserError, match=r"--ignore 255: the masks are told apart by colour: give one, like '#e0e0c0'"):
        data.open(ignore=("255",))


def test_classes_can_be_ignored_by_name_or_value(data: PhotoFolder) -> None:
    by_name, by_value = (read_classes(data.folder / "classes.json").ignoring([name]) for name in ("hair", "1"))
    assert by_name == by_value and by_name.names == ("background", "left arm", "right arm")
    file = data.folder / "masks" / "p0.png"
    expected = np.array([0, IGNORED, 1, 2])[MASK]
    np.testing.assert_array_equal(by_name.read(file).segmentation, expected)
    with pytest.raises(UserError, match=r"--ignore beard: the masks hold values: give one, like 255, -1 or nan"):
        by_name.ignoring(["beard"])


def test_merging_keeps_ignored_pixels(data: PhotoFolder) -> None:
    data.write("merge.yaml", "classes: {arms: [left arm, right arm]}")
    source = bordered(data).open(ignore=("255",))
    assert source.schema.class_names == ("background", "arms") and source.schema.ignored
    mask = source.masks.classes.read(data.folder / "masks" / "p0.png").segmentation
    np.testing.assert_array_equal(mask, np.select([BORDER == IGNORED, BORDER > 1], [IGNORED, 1], 0))


def test_masks_with_nothing_else_are_skipped(data: PhotoFolder) -> None:
    data.mask("p1", np.full((40, 20), IGNORED, np.uint8))
    outside = np.full((40, 20), IGNORED, np.uint8)
    outside[:5] = 1  # not in the middle square
    data.mask("p2", outside)
    source = data.open(ignore=("255",))
    with pytest.raises(ItemError, match=r"p1\.png has nothing but ignored pixels$"):
        source.read(1)
    with pytest.raises(ItemError, match=r"the mask of p2 has nothing but ignored pixels in the part that is kept"):
        source.read(2)


def test_ignored_pixels_are_no_foreground(data: PhotoFolder) -> None:
    mask = np.full((40, 20), IGNORED, np.uint8)
    mask[5:35] = 0
    mask[10:14, 4:8] = 1
    data.mask("p0", mask)
    assert (data.open(ignore=("255",), crop="foreground").read(0).segmentation == 1).mean() > 0.6


def test_a_schema_with_ignored_pixels() -> None:
    schema = Schema(32, ("background", "a"), ((0, 0, 0), (255, 0, 0)), ignored=True)
    assert Schema.from_json(schema.to_json(), "here") == schema
    assert "ignored" not in Schema(32, ("background", "a"), ((0, 0, 0), (255, 0, 0))).to_json()
    assert colorize(np.array([[1, IGNORED]]), schema).tolist() == [[[255, 0, 0], [224, 224, 192]]]
    with pytest.raises(UserError, match=r"50\.0% of the pixels have the value 255, which marks ignored pixels"):
        schema.require_segmentation(np.array([1, IGNORED]), "mask")


def test_the_value_is_ignored_in_palettes(data: PhotoFolder) -> None:
    image = Image.fromarray(BORDER, "P")
    image.putpalette([v for index in range(256) for v in (index * 7 % 256, index * 31 % 256, 9)])
    bordered(data, image)
    source = data.open(ignore=("255",))
    np.testing.assert_array_equal(source.masks.classes.read(data.folder / "masks" / "p0.png").segmentation, BORDER)
