"""Exports that ``tools/annotation_files.py`` made with the packages of the tools, in every layout that these write.

The scene has 32×24 pixels: "ground" is the lower half, "ball" a ring that covers it in part, "box" a rectangle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scgan.data.sources.folder import Folder, open_folder
from scgan.schema import IGNORED
from scgan.utils.errors import UserError

EXPORTS = Path(__file__).parent / "files" / "exports"
GROUND, BALL, BOX = 1, 2, 3

pytest.importorskip("pycocotools")
pytest.importorskip("defusedxml")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b b", "c"):
        Image.new("RGB", (32, 24)).save(folder / f"{name}.png")
    return folder


def opened(photos: Path, path: Path | str, **options: Any) -> Folder:
    return open_folder(images=photos, annotations=EXPORTS / path, size=32, crop="pad", **options)


def scene() -> Any:
    """Mask of the scene in a square: 4 rows of background above and below the 24 of the photo."""
    row, column = np.mgrid[:24, :32]
    radius = np.hypot(column - 10, row - 10)
    mask = np.zeros((32, 32), np.uint8)
    mask[16:28] = GROUND
    mask[4:28][(radius >= 3) & (radius <= 6)] = BALL
    mask[8:14, 20:28] = BOX
    return mask


@pytest.mark.parametrize(
    "path", ["coco/annotations/instances_train.json", "coco/annotations/stuff_train.json", "label_studio_json"]
)
def test_the_scene_to_the_pixel(photos: Path, path: str) -> None:
    source = opened(photos, path)
    assert source.schema.class_names[:4] == ("background", "ground", "ball", "box")
    for index in range(2):
        np.testing.assert_array_equal(source.read(index).segmentation, scene())


def test_cvat_has_boxes_too(photos: Path) -> None:
    source, expected = opened(photos, "cvat"), scene()
    expected[5:9, 1:5] = BOX
    np.testing.assert_array_equal(source.read(1).segmentation, expected)
    assert not source.read(2).segmentation.any()  # an image without a region
    notes = " ".join(source.notes.assumptions)
    assert "points shapes (2)" in notes
    assert "classes without a region (some exports leave out kinds of regions): never" in notes


@pytest.mark.parametrize("path", ["labelme", "labelme_voc"])
def test_labelme_and_its_masks(photos: Path, path: str) -> None:
    source, expected = opened(photos, path), scene()
    expected[4:6] = IGNORED  # a rectangle called __ignore__
    assert source.schema.class_names[1:] == ("ground", "ball", "box") and source.schema.ignored
    for index in range(2):
        np.testing.assert_array_equal(source.read(index).segmentation, expected)


def test_regions_called_crowds_keep_their_place(photos: Path) -> None:
    source = opened(photos, "coco/annotations/instances_train.json")
    (note,) = (note for note in source.notes.assumptions if "called a crowd" in note)
    assert note.startswith("2 regions") and note.endswith("painted in the file's order")


def test_files_without_regions_beside_that_of_the_outlines(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"instances_train\.json\) and .*stuff_train\.json\): give one of these files"):
        opened(photos, "coco")
    for name in ("image_info_train", "image_info_val", "instances_train", "panoptic_train"):
        content = (EXPORTS / "coco/annotations" / f"{name}.json").read_text()
        (tmp_path / f"{name}.json").write_text(content)
    source = opened(photos, tmp_path)
    np.testing.assert_array_equal(source.read(0).segmentation, scene())
    assert not source.read(2).segmentation.any()
    assert any("panoptic file of COCO" in note for note in source.notes.assumptions)


@pytest.mark.parametrize("path", ["voc_segmentation", "voc_segmentation/SegmentationClass", ""])
def test_ways_to_name_a_voc_folder(photos: Path, tmp_path: Path, path: str) -> None:
    if not path:  # a folder with the challenge inside
        (tmp_path / "VOCdevkit").mkdir()
        (tmp_path / "VOCdevkit" / "VOC2012").symlink_to(EXPORTS / "voc_segmentation")
    source = opened(photos, path or tmp_path / "VOCdevkit")
    assert source.schema.class_names == ("background", "ground", "ball", "box", "never")
    np.testing.assert_array_equal(source.read(0).segmentation == BALL, scene() == BALL)
    assert source.splits == ("train", "train", "validation")


def test_photos_that_no_list_of_voc_names(photos: Path) -> None:
    Image.new("RGB", (32, 24)).save(photos / "boxes only.png")
    source = opened(photos, "voc_segmentation")
    assert source.names == ("a", "b b", "c")
    assert any("1 photo without a mask left out" in note for note in source.notes.assumptions)


def test_the_coco_export_of_label_studio_lacks_brushes_and_rectangles(photos: Path) -> None:
    source = opened(photos, "label_studio_coco")
    names = source.schema.class_names
    mask = np.asarray(names)[source.read(1).segmentation]  # its name has percent signs in the file
    assert (mask[16:28] == "ground").all() and not (mask[:16] != "background").any()
    assert any(note.endswith("regions): ball, box") for note in source.notes.assumptions)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("datumaro", "is of Datumaro's own format: export it as COCO"),
        ("label_studio_json_min", "is a JSON_MIN export of Label Studio: export it as JSON"),
        ("label_studio_yolo", "has only the classes of a YOLO export of Label Studio: export it as JSON"),
        ("yolo_ultralytics", r"has no \.json or \.xml files, only text files, as YOLO writes them: export it as COCO"),
        ("coco/annotations/panoptic_train.json", "is a panoptic file of COCO, without outlines"),
    ],
)
def test_exports_that_are_refused(photos: Path, path: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        opened(photos, path)


def test_brush_masks_without_names_of_photos(photos: Path) -> None:
    masks = EXPORTS / "label_studio_brush_to_png"
    with pytest.raises(UserError, match=r"has brush masks of Label Studio \(task-1-.*: export as JSON"):
        open_folder(images=photos, masks=masks, size=32)
