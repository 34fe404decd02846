"""Choice of the background."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from photo_folder import COLORS, MASK, PhotoFolder
from scgan.data.sources.folder import Folder
from scgan.utils.errors import UserError


def open_with(data: PhotoFolder, classes: Any, **options: Any) -> Folder:
    data.write("classes.json", classes)
    return data.open(crop="pad", size=64, **options)


@pytest.mark.parametrize("name", ["background", "Background", "BG", "backdrop", "_background_", "Hintergrund", "背景"])
def test_the_background_is_found_by_its_name(data: PhotoFolder, name: str) -> None:
    source = open_with(data, ["skin", "hair", name, "arm"])
    assert source.schema.class_names == (name, "skin", "hair", "arm")
    assert source.schema.class_colors[0] == (0, 0, 0)
    assert "by its name; masks for a model have these values: 0 " in source.notes.background
    counts = np.bincount(source.read(0).segmentation.ravel(), minlength=4)
    expected = np.bincount(MASK.ravel(), minlength=4)[[2, 0, 1, 3]]
    assert counts[2:].argmax() == expected[2:].argmax() and counts[1] > counts[2]


def test_the_most_certain_name_counts(data: PhotoFolder) -> None:
    assert open_with(data, ["void", "a", "background", "b"]).schema.class_names[0] == "background"
    assert open_with(data, ["unlabeled", "a", "b", "c"]).notes.background == "by its name"


def test_the_first_class_is_the_background_else(data: PhotoFolder) -> None:
    source = open_with(data, ["sky", "a", "b", "c"])
    assert source.schema.class_names[0] == "sky"
    assert source.notes.background == "the first class (choose with --background)"


def test_the_background_can_be_chosen(data: PhotoFolder) -> None:
    source = open_with(data, ["background", "a", "b", "c"], background="b")
    assert source.schema.class_names == ("b", "background", "a", "c") and source.notes.background.startswith("chosen")
    with pytest.raises(UserError, match=r"--background d: .*has no such class; it has .*, or give none"):
        open_with(data, ["background", "a", "b", "c"], background="d")


def test_no_class_may_be_the_background(data: PhotoFolder) -> None:
    source = open_with(data, ["sky", "a", "b", "c"], background="none")
    assert source.schema.class_names == ("background", "sky", "a", "b", "c")
    segmentation = source.read(0).segmentation
    assert (segmentation[:, 20:40] > 0).all() and not segmentation[:, 0].any()  # beyond the photo is background


def test_colors_move_with_their_classes(data: PhotoFolder) -> None:
    for index in range(4):
        data.mask(f"p{index}", np.array(list(COLORS.values()), np.uint8)[MASK])
    source = open_with(data, {"arm": [0, 255, 0], "background": [0, 0, 0], "hair": [255, 0, 0], "leg": [0, 0, 255]})
    assert source.schema.class_names == ("background", "arm", "hair", "leg")
    assert source.schema.class_colors == ((0, 0, 0), (0, 255, 0), (255, 0, 0), (0, 0, 255))
