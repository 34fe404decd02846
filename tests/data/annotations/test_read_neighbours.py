"""Annotations with numbers as text, crowds, odd shapes, damaged files beside others, and hand-written labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scgan.data.annotations.read import read_annotations
from scgan.utils.errors import ItemError, UserError

pytest.importorskip("pycocotools")
pytest.importorskip("defusedxml")

SQUARE = [0, 0, 10, 0, 10, 10, 0, 10]


def coco(*annotations: dict[str, Any], size: bool = True) -> dict[str, Any]:
    image = {"id": 1, "file_name": "photo.png"} | ({"height": 24, "width": 32} if size else {"height": None})
    default = {"image_id": 1, "category_id": 7, "segmentation": [SQUARE]}
    return {
        "images": [image],
        "categories": [{"id": 7, "name": "leaf "}, {"id": 3, "name": "stem"}],
        "annotations": [default | annotation for annotation in annotations],
    }


def painted(folder: Path, content: Any) -> Any:
    file = folder / "a.json"
    file.write_text(json.dumps(content))
    annotations = read_annotations(file, ["photo"], file.parent)
    return np.asarray(annotations.labels)[annotations.paint("photo", 24, 32)]


@pytest.mark.parametrize(
    "annotation",
    [{"image_id": "1"}, {"category_id": "7"}, {"segmentation": SQUARE}, {"segmentation": [SQUARE, [1, 2, 3, 4]]}],
)
@pytest.mark.parametrize("size", [True, False])
def test_coco_as_programs_write_it(annotation: dict[str, Any], size: bool, tmp_path: Path) -> None:
    labels = painted(tmp_path, coco(annotation, size=size))
    assert (labels[:10, :10] == "leaf").all() and (labels == "leaf").sum() == 100


def test_crowds_are_covered_by_single_objects(tmp_path: Path) -> None:
    crowd = {
        "id": 900100000139,
        "iscrowd": 1,
        "category_id": 3,
        "segmentation": {"size": [24, 32], "counts": [0, 24 * 32]},
    }
    labels = painted(tmp_path, coco({}, crowd))
    assert (labels == "leaf").sum() == 100 and (labels == "stem").sum() == 24 * 32 - 100


@pytest.mark.parametrize(
    ("segmentation", "reason"),
    [
        ([[float("nan")] * 8, SQUARE], "the coordinate nan lies far outside"),
        ([[0, 0, 1e9, 0, 1e9, 1e9]], r"the coordinate 1e\+09 lies far outside"),
        ({"size": [12, 16], "counts": [0, 12 * 16]}, "its run lengths are for 16×12 pixels, the photo has 32×24"),
    ],
)
def test_shapes_that_cannot_be_drawn(segmentation: Any, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ItemError, match=reason):
        painted(tmp_path, coco({}, {"segmentation": segmentation}, size=False))


def labelme(*shapes: dict[str, Any], name: str = "photo") -> str:
    square = {"label": "leaf", "points": [[0, 0], [9, 0], [9, 9], [0, 9]], "shape_type": "polygon"}
    size = {"imageHeight": 24, "imageWidth": 32}
    return json.dumps({"shapes": [square | shape for shape in shapes], "imagePath": f"..\\x\\{name}.png", **size})


def test_labels_written_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(labelme({"label": "leaf "}, {}, {"label": None}, {"label": " "}, {"points": [[1, 1], [2, 2]]}))
    annotations = read_annotations(file, ["photo"], file.parent)
    assert annotations.labels == ("background", "leaf")
    assert any("shapes without a label (2), polygon shapes (1)" in note for note in annotations.notes)


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ({"shape_type": "circle", "points": [[5, 5]]}, "a circle has 2 points, not 1"),
        ({"shape_type": "mask", "points": [[0, 0], [4, 4]], "mask": "AAAA"}, "its mask is no image"),
        ({"points": [[0, 0], [9, 0], [float("inf"), 9]]}, "the coordinate inf lies far outside"),
    ],
)
def test_damaged_shapes_of_labelme(shape: dict[str, Any], reason: str, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(labelme({}, shape))
    with pytest.raises(ItemError, match=reason):
        read_annotations(file, ["photo"], file.parent).paint("photo", 24, 32)


@pytest.mark.parametrize("content", ["", "{", "{}", "<!DOCTYPE html>"])
def test_a_damaged_file_stops_its_own_photo_only(content: str, tmp_path: Path) -> None:
    (tmp_path / "photo.json").write_text(labelme({}))
    (tmp_path / "other.json").write_text(content)
    (tmp_path / "project.json").write_text("[1]")
    annotations = read_annotations(tmp_path, ["photo", "other", "third"], tmp_path)
    assert annotations.paint("photo", 24, 32).any() and "third" not in annotations.photos
    with pytest.raises(ItemError, match=r"other\.json is (empty|damaged|not a file|a web page)"):
        annotations.paint("other", 24, 32)
    assert any(note.startswith(f"left out: {tmp_path / 'project.json'} is not a file") for note in annotations.notes)


def test_the_photo_of_label_studio_among_other_texts(tmp_path: Path) -> None:
    size = {"original_width": 32, "original_height": 24}
    value = {"x": 0, "y": 0, "width": 50, "height": 50, "rectanglelabels": ["a"]}
    for data in (
        {"caption": "hi", "image": "s3://b/photo.png"},
        {"note": "hi", "scan": "/data/local-files/?d=photo.jpg"},
    ):
        task = {"data": data, "annotations": [{"result": [{"type": "rectanglelabels", "value": value, **size}]}]}
        assert (painted(tmp_path, [task]) == "a").sum() == 12 * 16


def test_shapes_of_cvat_without_area_or_label(tmp_path: Path) -> None:
    shapes = (
        '<polygon label="a" points="0,0;9,0;9,9"/><polygon label="a" points="0,0;9,0"/><box label="" xtl="0" ytl="0"'
    )
    text = (
        f'<annotations><image name="photo.png" width="32" height="24">{shapes} xbr="2" ybr="2"/></image></annotations>'
    )
    file = tmp_path / "a.xml"
    file.write_text(text)
    notes = read_annotations(file, ["photo"], file.parent).notes
    assert any("polygon shapes (1), shapes without a label (1)" in note for note in notes)


def label_studio(*annotations: dict[str, Any], **task: Any) -> dict[str, Any]:
    size = {"original_width": 32, "original_height": 24}
    value = {"x": 0, "y": 0, "width": 50, "height": 50}
    for annotation in annotations:
        labels = annotation.pop("labels")
        annotation["result"] = [
            {"type": "rectanglelabels", "value": {**value, "rectanglelabels": labels}, **size, "id": "r"}
        ]
    return {"data": {"image": "photo.png"}, "annotations": list(annotations), **task}


@pytest.mark.parametrize(
    ("earlier", "later"), [({"created_at": "2026-02-01"}, {"created_at": "2025-01-01"}), ({"ground_truth": True}, {})]
)
def test_one_of_several_annotations_of_label_studio(earlier: Any, later: Any, tmp_path: Path) -> None:
    task = label_studio({**earlier, "labels": ["a"]}, {**later, "labels": ["b"]})
    assert (painted(tmp_path, [task]) == "a").sum() == 12 * 16


def test_files_of_the_storage_of_label_studio(tmp_path: Path) -> None:
    task = label_studio({"labels": ["a", "b"]})
    (tmp_path / "17").write_text(json.dumps({**task["annotations"][0], "task": {"data": task["data"]}}))
    annotations = read_annotations(tmp_path, ["photo"], tmp_path)
    assert (annotations.paint("photo", 24, 32) == annotations.labels.index("a")).sum() == 12 * 16
    assert any("several labels on 1 region: the first is taken" in note for note in annotations.notes)


def test_predictions_are_no_annotations(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has predictions only: accept them as annotations"):
        painted(tmp_path, [label_studio(predictions=[{"result": []}])])


def test_labels_of_results_without_id(tmp_path: Path) -> None:
    task = label_studio({"labels": ["a"]})
    unlabelled = {
        **task["annotations"][0]["result"][0],
        "id": None,
        "value": {"x": 50, "y": 0, "width": 9, "height": 9},
    }
    task["annotations"][0]["result"][0]["id"] = None
    task["annotations"][0]["result"].append(unlabelled)
    assert (painted(tmp_path, [task]) != "background").sum() == 12 * 16


def test_labels_of_cvat_that_have_no_area(tmp_path: Path) -> None:
    label = "<label><name>{}</name><type>{}</type></label>"
    labels = label.format("leaf", "any") + label.format("good", "tag") + label.format("tip", "points")
    box = '<box label="leaf" xtl="0" ytl="0" xbr="8" ybr="4"/>'
    image = f'<image name="photo.jpg" width="32" height="24">{box}</image>'
    file = tmp_path / "a.xml"
    file.write_text(f"<annotations><meta><task><labels>{labels}</labels></task></meta>{image}</annotations>")
    assert read_annotations(file, ["photo"], tmp_path).labels == ("background", "leaf")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([{"image_id": 1, "category_id": 1, "score": 1}], "is a list of results of COCO"),
        ({"a.png12": {"filename": "a.png", "regions": []}}, "is a project of VIA: export its annotations as COCO"),
        ({"image": {}, "annotations": []}, "is of Segment Anything, whose regions have no classes"),
        ({"images": [], "annotations": []}, 'is a COCO file without "categories"'),
    ],
)
def test_files_of_other_tools(content: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        painted(tmp_path, content)


def test_tables_in_place_of_annotations(tmp_path: Path) -> None:
    (tmp_path / "result.csv").write_text("image,label\n")
    with pytest.raises(UserError, match=r"has no \.json or \.xml files, only tables: export it as JSON or COCO"):
        read_annotations(tmp_path, ["photo"], tmp_path)
