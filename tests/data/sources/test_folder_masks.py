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
        opened(photos, FILES / "coco.json", mask_orientation="stored")


def test_labels_of_ignored_pixels(photos: Path, tmp_path: Path) -> None:
    content = json.loads((FILES / "labelme.json").read_text())
    content["shapes"][0]["label"] = "void"
    (tmp_path / "photo.json").write_text(json.dumps(content))
    source = opened(photos, tmp_path / "photo.json")
    assert source.schema.ignored and "void" not in source.schema.class_names
    assert "pixels of regions called void belong to no class" in source.notes.assumptions
