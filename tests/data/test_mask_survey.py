"""Index masks that contradict each other, and masks that were smoothed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photo_folder import CLASSES, MASK, PhotoFolder
from scgan.data.class_search import find_classes
from scgan.data.mask_survey import survey_masks
from scgan.utils.errors import UserError

RED, GREEN, BLUE = (200, 0, 0), (0, 200, 0), (0, 0, 200)


def palette_mask(mask: NDArray[np.uint8], colors: list[tuple[int, int, int]], order: list[int]) -> Image.Image:
    """A palette image whose index ``i`` stands for class ``order[i]``."""
    image = Image.fromarray(np.argsort(order)[mask].astype(np.uint8), "P")
    image.putpalette([part for index in order for part in colors[index]])
    return image


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    ("colors", "message"),
    [
        ([(0, 0, 0), RED, GREEN, BLUE], r"palettes differ: index 0 is #000000 in .*p0\.png and #00c800 in .*p1\.png"),
        ([(0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 3, 3)], r"palettes differ|has a palette of greys"),
    ],
)
def test_renumbered_palettes_are_refused(
    colors: list[tuple[int, int, int]], message: str, listed: bool, data: PhotoFolder
) -> None:
    if not listed:
        (data.folder / "classes.json").unlink()
    for index in range(4):
        data.mask(f"p{index}", palette_mask(MASK, colors, [2, 0, 1, 3] if index % 2 else [0, 1, 2, 3]))
    with pytest.raises(UserError, match=message):
        data.open()


def test_colours_read_renumbered_palettes(data: PhotoFolder) -> None:
    colors = dict(zip(CLASSES, [[0, 0, 0], list(RED), list(GREEN), list(BLUE)], strict=True))
    data.write("classes.json", colors)
    for index in range(4):
        order = [2, 0, 1, 3] if index % 2 else [0, 1, 2, 3]
        data.mask(f"p{index}", palette_mask(MASK, [(0, 0, 0), RED, GREEN, BLUE], order))
    source = data.open()
    np.testing.assert_array_equal(source.read(0).segmentation, source.read(1).segmentation)


def test_palettes_that_lack_classes_are_read(data: PhotoFolder) -> None:
    """A palette may be shorter where classes do not occur, and grey masks may lie beside it."""
    for index, kept in enumerate((4, 2)):
        image = Image.fromarray(np.minimum(MASK, kept - 1), "P")
        image.putpalette([part for color in [(0, 0, 0), RED, GREEN, BLUE][:kept] for part in color])
        data.mask(f"p{index}", image)
    assert data.open().read(1).segmentation.max() == 1


@pytest.mark.parametrize("levels", [[0, 3, 7, 9], [3, 2, 1, 0]])
def test_greys_of_a_palette_that_are_not_its_indices(levels: list[int], data: PhotoFolder) -> None:
    (data.folder / "classes.json").unlink()
    for index in range(4):
        image = Image.fromarray(MASK, "P")
        image.putpalette([level for level in levels for _ in range(3)])
        data.mask(f"p{index}", image)
    with pytest.raises(UserError, match=r"p0\.png has a palette of greys .* save the masks as grey levels"):
        data.open()
    data.write("classes.json", [f"c{index}" for index in range(10)])
    with pytest.raises(UserError, match="has a palette of greys"):
        data.open()
    if max(levels) == 9:  # the list has no class 7 or 9: the indices are meant
        data.write("classes.json", CLASSES)
        assert data.open().read(0).segmentation.max() == 3


def test_greys_that_are_chosen_to_be_seen_are_read_by_index(data: PhotoFolder) -> None:
    (data.folder / "classes.json").unlink()
    for index in range(4):
        image = Image.fromarray(MASK, "P")
        image.putpalette([level for level in (0, 85, 170, 255) for _ in range(3)])
        data.mask(f"p{index}", image)
    assert data.open().schema.class_count == 4


def smoothed(mask: NDArray[np.uint8]) -> Image.Image:
    image = Image.fromarray(mask)
    return image.resize((120, 120), Image.Resampling.BILINEAR)


def test_smoothed_class_indices_are_mentioned(tmp_path: Path) -> None:
    mask = np.zeros((60, 60), np.uint8)
    mask[10:40, 10:40] = 8
    files = []
    for index in range(3):
        files.append(tmp_path / f"{index}.png")
        smoothed(np.roll(mask, index, 1)).save(files[-1])
    (remark,) = survey_masks(files, find_classes(files), listed=False)
    assert remark.startswith("the values ") and "resize them by nearest neighbour" in remark


@pytest.mark.parametrize("kind", ["outline", "steps", "stripes"])
def test_thin_classes_are_not_taken_for_smoothing(kind: str, tmp_path: Path) -> None:
    mask = np.zeros((60, 60), np.uint8)
    if kind == "outline":  # one class of a border
        mask[9:41, 9:41], mask[10:40, 10:40] = 1, 2
    elif kind == "steps":  # broad regions side by side
        mask[:] = np.arange(60) // 10
    else:
        mask[::4], mask[1::4] = 2, 1
    files = [tmp_path / f"{index}.png" for index in range(3)]
    for file in files:
        Image.fromarray(mask).save(file)
    assert survey_masks(files, find_classes(files), listed=False) == []


@pytest.mark.parametrize("classes", [None, {"background": 0, "object": 255}, ["background", "object"]])
def test_smoothed_black_and_white_masks_are_refused_as_such(classes: object, data: PhotoFolder) -> None:
    (data.folder / "classes.json").unlink()
    if classes:
        data.write("classes.json", classes)
    for index in range(4):
        data.mask(f"p{index}", Image.fromarray(MASK).point(lambda value: 255 * (value > 0)).resize((80, 160)))
    with pytest.raises(UserError, match=r"has grey values between its classes \(0, .*, which come from smooth"):
        data.open()


def test_colours_in_the_order_of_opencv(data: PhotoFolder) -> None:
    data.write("classes.json", {"background": [0, 0, 0], "hair": [200, 100, 0]})
    for index in range(4):
        data.mask(f"p{index}", ((MASK > 0)[..., None] * np.array([0, 100, 200])).astype(np.uint8))
    with pytest.raises(UserError, match=r"\[0, 100, 200\] is not in .*, but is with red and blue exchanged"):
        data.open()
