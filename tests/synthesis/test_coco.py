"""COCO's layout, by hand."""

from __future__ import annotations

import numpy as np

from scgan.schema import Schema
from scgan.synthesis.coco import bounding_box, coco, run_lengths


def test_runs_go_down_the_columns() -> None:
    region = np.array([[0, 1, 1], [0, 1, 0]], bool)  # columns: 00, 11, 10
    assert run_lengths(region) == [2, 3, 1]
    assert run_lengths(~region) == [0, 2, 3, 1]
    assert run_lengths(np.ones((2, 2), bool)) == [0, 4]


def test_boxes_are_left_top_width_height() -> None:
    region = np.zeros((6, 8), bool)
    region[2:5, 3] = region[4, 3:7] = True
    assert bounding_box(region) == [3, 2, 4, 3]


def test_one_annotation_for_each_class_of_each_image() -> None:
    schema = Schema(32, ("background", "skin", "eyes"), ((0, 0, 0), (1, 1, 1), (2, 2, 2)))
    first, second = np.zeros((2, 2, 3), np.uint8)
    first[0] = (0, 1, 2)
    second[:, 2] = 2
    content = coco([("images/a.png", first), ("images/b.png", second)], schema)
    assert content["categories"] == [
        {"id": 1, "name": "skin", "supercategory": "class"},
        {"id": 2, "name": "eyes", "supercategory": "class"},
    ]
    assert content["images"][1] == {"id": 2, "file_name": "images/b.png", "width": 3, "height": 2}
    assert [(one["id"], one["image_id"], one["category_id"]) for one in content["annotations"]] == [
        (1, 1, 1),
        (2, 1, 2),
        (3, 2, 2),
    ]
    assert content["annotations"][2] == {
        "id": 3,
        "image_id": 2,
        "category_id": 2,
        "segmentation": {"size": [2, 3], "counts": [4, 2]},
        "area": 2,
        "bbox": [2, 0, 1, 2],
        "iscrowd": 0,
    }
