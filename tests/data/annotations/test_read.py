"""Files that the packages of the tools wrote: datumaro (COCO, CVAT, VOC), labelme and Label Studio.

The scene has 32×24 pixels: "ground" below, "ball", a ring with a hole, and "box".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scgan.data.annotations.read import PhotoAnnotations, read_annotations
from scgan.utils.errors import ItemError, UserError

FILES = Path(__file__).parent / "files"
RING = np.load(FILES / "ring.npy")

pytest.importorskip("pycocotools")
pytest.importorskip("defusedxml")


def read(file: Path, content: Any = None) -> PhotoAnnotations:
    if content is not None:
        file.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_annotations(file, ["photo"], file.parent)


def coco(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "images": [{"id": 1, "file_name": "sub/photo.png", "height": 24, "width": 32}],
        "categories": [{"id": 7, "name": "leaf"}, {"id": 3, "name": "stem"}],
        "annotations": [
            {"image_id": 1, "category_id": 7, "segmentation": [[0, 0, 10, 0, 10, 10, 0, 10]]},
            {"image_id": 1, "category_id": 3, "segmentation": [[5, 0, 15, 0, 15, 10, 5, 10]], "iscrowd": 0},
        ],
    }
    return content | changes


@pytest.mark.parametrize("name", ["coco", "coco_rle", "cvat", "cvat_tight", "labelme", "label_studio"])
def test_files_of_the_tools(name: str) -> None:
    file = next(FILES.glob(f"{name}.*"))
    annotations = read(file)
    assert set(annotations.labels) == {"background", "ground", "ball", "box"} and annotations.labels[0] == "background"
    (photo,) = annotations.photos.values()
    drawn = {region.label: region.shape.draw(24, 32) for region in photo.regions}
    np.testing.assert_array_equal(drawn["ball"], RING)
    if "box" in drawn:
        assert drawn["box"].sum() == 48
    mask = annotations.paint("photo", 24, 32)
    assert set(np.unique(mask)) <= set(range(4)) and mask.shape == (24, 32)


def test_labelme_is_painted_as_labelme_paints() -> None:
    mask = read(FILES / "labelme.json").paint("photo", 24, 32)
    np.testing.assert_array_equal(mask, np.load(FILES / "labelme_expected.npy"))


def test_later_regions_cover_earlier_ones(tmp_path: Path) -> None:
    annotations = read(tmp_path / "a.json", coco())
    assert annotations.labels == ("background", "stem", "leaf")  # in the order of their numbers
    mask = annotations.paint("photo", 24, 32)
    assert mask[3].tolist() == [2] * 5 + [1] * 10 + [0] * 17 and not mask[10:].any()


def test_z_order_of_cvat_counts(tmp_path: Path) -> None:
    box = '<box label="{}" xtl="0" ytl="0" xbr="{}" ybr="4" z_order="{}"/>'
    shapes = box.format("front", 8, 2) + box.format("back", 16, 1) + '<points label="p" points="1,1"/>'
    text = f'<annotations><image name="photo.jpg" width="32" height="24">{shapes}</image></annotations>'
    annotations = read(tmp_path / "a.xml", text)
    assert annotations.paint("photo", 24, 32)[1].tolist() == [1] * 8 + [2] * 8 + [0] * 16
    assert any("points shapes (1)" in note for note in annotations.notes)


@pytest.mark.parametrize(
    "image",
    [
        "/data/upload/1/0a1b2c3d-photo.png",
        "/data/local-files/?d=dir%2Fphoto.png",
        "s3://bucket/a/photo.png",
        "photo.jpg",
    ],
)
def test_names_and_kinds_of_label_studio(tmp_path: Path, image: str) -> None:
    size = {"original_width": 32, "original_height": 24, "image_rotation": 0}
    corner = {"x": 0, "y": 0, "width": 50, "height": 50, "rotation": 0}
    ellipse = {"x": 50, "y": 50, "radiusX": 25, "radiusY": 25, "ellipselabels": ["round"]}
    result = [
        {"id": "a", "type": "rectangle", "value": corner, **size},
        {"id": "a", "type": "labels", "value": {**corner, "labels": ["square"]}, **size},
        {"id": "b", "type": "ellipselabels", "value": ellipse, **size},
        {"type": "choices", "value": {"choices": ["good"]}},
    ]
    task = {"data": {"image": image}, "annotations": [{"was_cancelled": True, "result": []}, {"result": result}]}
    annotations = read(tmp_path / "a.json", [task])
    mask = annotations.paint("photo", 24, 32)
    square, round_ = (annotations.labels.index(name) for name in ("square", "round"))
    assert (
        (mask[:6, :8] == square).all()
        and mask[12, 16] == round_
        and (mask == round_).sum() == pytest.approx(151, abs=4)
    )
    assert not any("left out" in note for note in annotations.notes)


def test_boxes_turn_about_their_corner_or_middle() -> None:
    from scgan.data.annotations.shapes import box

    assert box(10, 10, 6, 2, 90).draw(24, 32)[10:16, 8:10].all()
    assert box(10, 10, 6, 2, 90, middle=True).draw(24, 32)[8:14, 12:14].all()


def test_what_is_assumed_is_said(tmp_path: Path) -> None:
    box_only = {"image_id": 1, "category_id": 7, "bbox": [0, 0, 4, 4], "segmentation": []}
    other = {"id": 2, "file_name": "other.png", "height": 24, "width": 32}
    outlined = {"image_id": 2, "category_id": 7, "segmentation": [[0, 0, 9, 0, 9, 9]]}
    stranger = {**outlined, "image_id": 3}
    content = coco(annotations=[box_only, outlined, stranger], images=[coco()["images"][0], other])
    annotations = read(tmp_path / "a.json", content)
    assert annotations.notes == (
        "pixels that no region covers are background",
        "1 photo without a region: background everywhere",
        f"left out of {tmp_path / 'a.json'}, since they have no area or no label: boxes without an outline (1)",
        "classes without a region (some exports leave out kinds of regions): stem, leaf",
        f"1 annotation of {tmp_path / 'a.json'} left out, no image has their id (3)",
    )
    assert annotations.without_photo == ("other.png",)


def test_another_size_is_of_the_item(tmp_path: Path) -> None:
    annotations = read(tmp_path / "a.json", coco())
    with pytest.raises(ItemError, match=r"are for 32×24 pixels, which is the photo before it is turned upright"):
        annotations.paint("photo", 32, 24)
    with pytest.raises(ItemError, match=r"are for 32×24 pixels, the photo has 64×48"):
        annotations.paint("photo", 48, 64)
    damaged = coco()
    damaged["annotations"][0]["segmentation"] = {"counts": [5, 7], "size": [3, 3]}
    with pytest.raises(ItemError, match=r"a region of sub/photo\.png is damaged"):
        read(tmp_path / "a.json", damaged).paint("photo", 24, 32)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", {"a": 1}, "is not a file of annotations that is known: COCO, labelme, CVAT"),
        ("a.json", "[" * 100_000 + "]" * 100_000, "is nested too deeply for a file of annotations"),
        ("a.json", "{", "is damaged, or not of the format"),
        ("a.json", coco(annotations=[{"image_id": 1, "category_id": 9, "segmentation": [[0] * 6]}]), "KeyError.*9"),
        (
            "a.json",
            coco(annotations=[{"image_id": 5, "category_id": 7}]),
            "no annotation belongs to an image: .* image 5",
        ),
        ("a.json", coco(annotations=[{"image_id": 1, "segments_info": []}]), "is a panoptic file of COCO"),
        ("a.json", coco(annotations=[]), "has no region with an area and a label"),
        (
            "a.json",
            coco(annotations=[{"image_id": 1, "category_id": 7, "keypoints": [1]}]),
            r"has no region .*, only boxes without an outline \(1\)",
        ),
        (
            "a.json",
            coco(images=[{"id": 1, "file_name": "photo.png"}, {"id": 1, "file_name": "b.png"}]),
            r"images photo\.png and b\.png have the same id 1",
        ),
        (
            "a.json",
            coco(annotations=[{"image_id": 1, "category_id": 7, "segmentation": [[0.1, 0.1, 0.9, 0.1, 0.9, 1.0]]}]),
            "has no coordinate above 1, so they are fractions",
        ),
        (
            "a.json",
            "version https://git-lfs.github.com/spec/v1\n",
            "is a pointer of Git LFS, not a file of annotations",
        ),
        ("a.json", "<!DOCTYPE html><p>404", "is a web page, not a file of annotations"),
        ("a.csv", "ImageId,EncodedPixels\nphoto.png,1 5\n", "is neither JSON nor XML"),
        ("a.json", [{"image": "a", "annotator": 1}], "is a JSON_MIN export of Label Studio: export it as JSON"),
        ("a.json", coco(images=[{**coco()["images"][0], "file_name": "x.png"}]), "annotates none of the photos"),
        ("a.json", coco(images=[coco()["images"][0], {**coco()["images"][0], "id": 2}]), "two annotations of photo"),
        ("a.xml", "<annotation><object><bndbox/></object></annotation>", "has boxes only"),
        ("a.xml", "<annotations><track/></annotations>", "has tracks of a video"),
        ("a.xml", "<annotations>", "is not XML"),
        ("a.xml", "<x/>", "is not a file of annotations that is known"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, name: str, content: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(tmp_path / name, content)


def test_other_tools_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is of the old LabelMe web tool"):
        read(FILES / "label_me.xml")
    with pytest.raises(UserError, match=r"has no \.json or \.xml files"):
        read(tmp_path)
    turned = json.loads((FILES / "label_studio.json").read_text())
    turned[0]["annotations"][0]["result"][0]["image_rotation"] = 90
    with pytest.raises(UserError, match="was turned in Label Studio"):
        read(tmp_path / "a.json", turned)
