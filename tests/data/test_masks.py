"""Mask files of every kind, and files of classes."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photo_folder import CLASSES, COLORS, MASK, PhotoFolder
from scgan.utils.errors import UserError


def test_index_masks(data: PhotoFolder) -> None:
    source = data.open()
    assert source.names == ("p0", "p1", "p2", "p3")
    assert source.schema.class_names == tuple(CLASSES)
    assert source.schema.mirrored_classes == (("left arm", "right arm"),)
    item = source.read(2)
    # The middle 20×20 of 20×40 begins in row 10; nearest neighbour from 20 to 32.
    nearest = ((np.arange(32) + 0.5) * 20 / 32).astype(int)
    np.testing.assert_array_equal(item.segmentation, MASK[10:30][np.ix_(nearest, nearest)])
    np.testing.assert_allclose(item.image, 120, atol=1)
    assert item.attributes.shape == (0,)
    assert pickle.loads(pickle.dumps(source)).description == source.description


def test_masks_of_every_kind_mean_the_same(data: PhotoFolder) -> None:
    palette = Image.fromarray(MASK, "P")
    palette.putpalette([value for color in COLORS.values() for value in color])
    colors = np.array(list(COLORS.values()), np.uint8)[MASK]
    data.mask("p1", palette)
    data.mask("p2", Image.fromarray(MASK.astype(np.uint16)))
    expected = data.open().read(0).segmentation
    for index in (1, 2):
        np.testing.assert_array_equal(data.open().read(index).segmentation, expected)
    # By colour: palette, RGB and RGBA masks.
    data.write("classes.json", COLORS)
    for name, image in (("p0", colors), ("p2", Image.fromarray(colors).convert("RGBA")), ("p3", colors)):
        data.mask(name, image)
    source = data.open()
    assert source.schema.class_colors[1] == (255, 0, 0)
    for index in range(4):
        np.testing.assert_array_equal(source.read(index).segmentation, expected)


def test_values_with_a_meaning(data: PhotoFolder) -> None:
    data.write("classes.json", {"background": 0, "object": 255})
    for index in range(4):
        data.mask(f"p{index}", np.where(MASK > 0, 255, 0).astype(np.uint8))
    np.testing.assert_array_equal(np.unique(data.open().read(0).segmentation), [0, 1])


def test_classes_without_a_file(data: PhotoFolder) -> None:
    (data.folder / "classes.json").unlink()
    assert data.open().schema.class_names == ("class 0", "class 1", "class 2", "class 3")
    for index in range(4):
        data.mask(f"p{index}", np.array(list(COLORS.values()), np.uint8)[MASK])
    assert data.open().schema.class_names == ("#000000", "#0000ff", "#00ff00", "#ff0000")
    for index in range(4):
        data.mask(f"p{index}", np.where(MASK > 0, 255, 0).astype(np.uint8))
    with pytest.raises(UserError, match=r"go up to 255 \(0, 255\): say what they mean with --classes"):
        data.open()


def test_class_index_out_of_range(data: PhotoFolder) -> None:
    data.mask("p3", np.where(MASK == 3, 6, MASK))
    with pytest.raises(
        UserError, match=r"p3\.png: class index 6 is out of range.* 4 classes .* 0, 1, 2, 6, .* 7 classes"
    ):
        data.open()


def test_unknown_colour(data: PhotoFolder) -> None:
    data.write("classes.json", COLORS)
    pixels = np.zeros((40, 20, 3), np.uint8)
    pixels[:4] = 7, 8, 9
    for index in range(4):
        data.mask(f"p{index}", pixels)
    with pytest.raises(
        UserError, match=r"the colour \[7, 8, 9\] is not in .*; 10\.0% of the mask's pixels.*anti-aliasing"
    ):
        data.open()


def test_masks_saved_as_jpeg(data: PhotoFolder) -> None:
    (data.folder / "classes.json").unlink()
    for index in range(4):
        (data.folder / "masks" / f"p{index}.png").unlink()
        data.mask(f"p{index}", np.random.default_rng(0).integers(0, 255, (40, 20, 3), np.uint8), "jpg")
    with pytest.raises(UserError, match="is saved as JPEG, which changes the values"):
        data.open()


def test_colour_masks_with_a_list_of_names(data: PhotoFolder) -> None:
    data.mask("p0", np.full((40, 20, 3), (1, 2, 3), np.uint8))
    with pytest.raises(UserError, match=r"p0\.png is a colour mask .* give them with --classes"):
        data.open()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[", "is not JSON"),
        ("7", "is not a list of classes"),
        ({"a": 0, "b": 0}, "classes 'a' and 'b' are the same"),
        ({"a": [0, 0, 0], "b": [0, 0, 256]}, "class 'b' has .* numbers from 0 to 255"),
        ({"a": [0, 0, 0], "b": 3}, "class 'b' has 3"),
        (["a", "a"], "'a' occurs 2 times"),
        ('{"a": 0, "a": 1, "b": 2}', "'a' occurs 2 times"),
        (["a", ""], "has a class without a name"),
        ({"a": 0, " ": 1}, "has a class without a name"),
        (["a"], "at least 2 segmentation classes|out of range"),
    ],
)
def test_class_files_that_are_refused(data: PhotoFolder, content: Any, message: str) -> None:
    data.write("classes.json", content)
    with pytest.raises(UserError, match=message):
        data.open()


def test_names_may_stand_behind_their_numbers(data: PhotoFolder) -> None:
    data.write("classes.json", {str(index): f" {name} " for index, name in enumerate(CLASSES)})
    assert data.open().schema.class_names == tuple(CLASSES)


def test_names_that_differ_in_case_only_are_mentioned(data: PhotoFolder) -> None:
    data.write("classes.json", ["background", "Hair", "hair", "arm"])
    assert any("'Hair', 'hair' differ in case or spaces only" in text for text in data.open().notes.assumptions)


@pytest.mark.parametrize("name", ["Void", "no_data", "Don’t care", "ignore label", "unassigned"])
def test_names_of_ignored_pixels(name: str, data: PhotoFolder) -> None:
    data.write("classes.json", ["background", "hair", "left arm", name])
    source = data.open()
    assert source.schema.ignored and source.schema.class_count == 3
