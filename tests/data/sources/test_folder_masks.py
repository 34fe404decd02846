"""Photos with annotations in place of masks."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scgan.data.sources.folder import Folder, open_folder
from scgan.schema import IGNORED
from scgan.utils.errors import ItemError, UserError

FILES = Path(__file__).parents[1] / "annotations" / "files"

pytest.importorskip("pycocotools")
pytest.importorskip("defusedxml")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.open(FILES / "photo.png").convert("RGB").save(folder / "photo.png")
    return folder


def opened(photos: Path, annotations: Path, **options: Any) -> Folder:
    return open_folder(images=photos, annotations=annotations, size=32, crop="pad", **options)


@pytest.mark.parametrize("name", ["coco.json", "cvat.xml", "labelme.json", "label_studio.json"])
def test_masks_are_painted(photos: Path, name: str) -> None:
    source = opened(photos, FILES / name)
    assert source.schema.class_names[0] == "background" and set(source.schema.class_names[1:]) == {
        "ground",
        "ball",
        "box",
    }
    segmentation = pickle.loads(pickle.dumps(source)).read(0).segmentation
    assert len(np.unique(segmentation)) >= 3
    assert source.notes.classes == f"the labels of {FILES / name}"
    assert "pixels that no region covers are background" in source.notes.assumptions


def test_photos_that_are_not_annotated_are_skipped(photos: Path) -> None:
    Image.new("RGB", (32, 24)).save(photos / "second.png")
    source = opened(photos, FILES / "coco.json")
    with pytest.raises(ItemError, match="second has no mask"):
        source.read(1)


@pytest.mark.parametrize(("name", "classes"), [("voc_palette", 3), ("voc_segmentation", 4)])
def test_folders_of_pascal_voc(photos: Path, name: str, classes: int) -> None:
    source = opened(photos, FILES / name)
    names = ("background", "ground", "ball", "box")
    assert source.schema.class_names == names[:classes]
    segmentation = source.read(0).segmentation
    assert (segmentation == IGNORED).any() == (name == "voc_palette")
    assert "ball" in {source.schema.class_names[index] for index in np.unique(segmentation) if index != IGNORED}


def test_the_label_of_labelme_for_ignored_pixels(photos: Path, tmp_path: Path) -> None:
    content = json.loads((FILES / "labelme.json").read_text())
    content["shapes"][0]["label"] = "__ignore__"
    (tmp_path / "photo.json").write_text(json.dumps(content))
    source = opened(photos, tmp_path / "photo.json", background="box")
    assert source.schema.class_names == ("box", "background", "ball") and source.schema.ignored
    assert (source.read(0).segmentation == IGNORED).any()


def test_labels_may_be_ignored(photos: Path) -> None:
    source = opened(photos, FILES / "coco.json", ignore=("box",))
    assert source.schema.class_names == ("background", "ground", "ball") and source.schema.ignored


def test_misuse(photos: Path) -> None:
    with pytest.raises(UserError, match="give either --masks, a folder of masks, or --annotations"):
        open_folder(images=photos)
    with pytest.raises(UserError, match="give either --masks"):
        opened(photos, FILES / "coco.json", masks=photos)
    with pytest.raises(UserError, match="--annotations have their own classes"):
        opened(photos, FILES / "coco.json", classes=FILES / "coco.json")


def test_labels_of_ignored_pixels(photos: Path, tmp_path: Path) -> None:
    content = json.loads((FILES / "labelme.json").read_text())
    content["shapes"][0]["label"] = "void"
    (tmp_path / "photo.json").write_text(json.dumps(content))
    source = opened(photos, tmp_path / "photo.json")
    assert source.schema.ignored and "void" not in source.schema.class_names
    assert "pixels of regions called void belong to no class" in source.notes.assumptions


@pytest.mark.parametrize("drawn", ["stored", "upright"])
def test_regions_drawn_on_the_stored_pixels_of_a_turned_photo(tmp_path: Path, drawn: str) -> None:
    """The photo is stored with 32×24 pixels, bright at the left, and shown with 24×32, bright at the top."""
    (tmp_path / "photos").mkdir()
    pixels, exif = np.zeros((24, 32, 3), np.uint8), Image.Exif()
    pixels[:, :8] = 255
    exif[0x112] = 6
    Image.fromarray(pixels).save(tmp_path / "photos" / "photo.png", exif=exif)
    width, height, corners = (32, 24, (8, 24)) if drawn == "stored" else (24, 32, (24, 8))
    outline = [0, 0, corners[0], 0, corners[0], corners[1], 0, corners[1]]
    content = {
        "images": [{"id": 1, "file_name": "photo.png", "width": width, "height": height}],
        "categories": [{"id": 1, "name": "bright"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [outline]}],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    for orientation in ("auto", drawn):
        source = opened(tmp_path / "photos", tmp_path / "a.json", mask_orientation=orientation)
        image, segmentation = source.read(0).image, source.read(0).segmentation
        inside = np.s_[1:-1, 5:-5]  # without the padding
        np.testing.assert_array_equal(segmentation[inside] == 1, image[inside][..., 0] > 128)
    assert any(
        "1 annotated photo with an EXIF" in note
        for note in opened(tmp_path / "photos", tmp_path / "a.json").notes.assumptions
    )


def test_half_turns_are_chosen_by_the_option(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    exif = Image.Exif()
    exif[0x112] = 3
    Image.new("RGB", (32, 24)).save(tmp_path / "photos" / "photo.png", exif=exif)
    masks = [
        opened(tmp_path / "photos", FILES / "coco.json", mask_orientation=choice).read(0).segmentation
        for choice in ("upright", "stored")
    ]
    np.testing.assert_array_equal(masks[0][4:28], masks[1][4:28][::-1, ::-1])


def test_a_folder_of_voc_without_masks_and_two_classes_of_one_colour(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "voc").mkdir()
    (tmp_path / "voc" / "labelmap.txt").write_text("background:0,0,0::\na:1,2,3::\nb:1,2,3::\n")
    with pytest.raises(UserError, match=r"has labelmap\.txt but no masks .*no region with an area"):
        opened(photos, tmp_path / "voc")
    (tmp_path / "voc" / "SegmentationClass").mkdir()
    Image.new("RGB", (32, 24), (1, 2, 3)).save(tmp_path / "voc" / "SegmentationClass" / "photo.png")
    with pytest.raises(UserError, match=r"labelmap\.txt: a and b have one colour, \[1, 2, 3\]"):
        opened(photos, tmp_path / "voc")
