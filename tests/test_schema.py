"""Schemas: checks of their values, attributes as text, masks in colour, differences between two schemas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scgan.schema import Schema, colorize, describe_attributes
from scgan.utils.errors import UserError

SCHEMA = Schema(
    image_size=32,
    class_names=("background", "left arm", "right arm"),
    class_colors=((0, 0, 0), (255, 0, 0), (0, 0, 255)),
    attribute_names=("Young", "color=red", "color=blue"),
    attribute_groups=(("color=red", "color=blue"),),
    mirrored_classes=(("left arm", "right arm"),),
)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_size": 60}, "image size 60 is not supported"),
        ({"class_names": ("background",)}, "at least 2 segmentation classes"),
        ({"class_colors": ((0, 0, 0),)}, "3 classes but 1 class colour\\."),
        ({"class_names": ("a", "b", "b")}, "class name 'b' occurs 2 times"),
        ({"attribute_groups": (("Old",),)}, "names 'Old', which is not an attribute"),
        ({"mirrored_classes": (("left arm", "wing"),)}, "name 'wing', which is not a class"),
    ],
)
def test_values_that_do_not_match_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        replace(SCHEMA, **changes)


def test_json_is_read_back() -> None:
    assert Schema.from_json(SCHEMA.to_json(), "model.json") == SCHEMA
    with pytest.raises(UserError, match=r"model\.json"):
        Schema.from_json({"image_size": 32}, "model.json")


def test_attributes_are_parsed() -> None:
    np.testing.assert_array_equal(SCHEMA.parse_attributes("Young=0.5, color=red"), np.float32([0.5, 1, 0]))
    np.testing.assert_array_equal(SCHEMA.parse_attributes("color=blue=0.25"), np.float32([0, 0, 0.25]))
    np.testing.assert_array_equal(SCHEMA.parse_attributes(""), np.float32([0, 0, 0]))
    assert describe_attributes(np.float32([0.5, 1, 0]), SCHEMA) == "Young=0.5, color=red"
    assert describe_attributes(np.float32([0, 0, 0]), SCHEMA) == "no attribute"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Old", "unknown attribute 'Old'; known are Young, color=red, color=blue"),
        ("Young,Young", "attribute 'Young' is given twice"),
        ("Young=2", "has value 2, which is not between 0 and 1"),
        ("Young=much", "has value 'much', which is not a number"),
        ("color=red,color=blue", "exclude each other, but their sum is 2"),
    ],
)
def test_attributes_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        SCHEMA.parse_attributes(text)


def test_flips_exchange_mirrored_classes() -> None:
    assert SCHEMA.mirrored_indices.tolist() == [0, 2, 1, *range(3, 256)]


def test_masks_are_checked_and_coloured() -> None:
    mask = np.array([[0, 2]])
    SCHEMA.require_segmentation(mask, "mask.png")
    assert colorize(mask, SCHEMA).tolist() == [[[0, 0, 0], [0, 0, 255]]]
    with pytest.raises(UserError, match=r"mask\.png: class index 5 is out of range, .* suggests 6 classes"):
        SCHEMA.require_segmentation(np.array([[0, 5]]), "mask.png")
    with pytest.raises(UserError, match="holds class indices"):
        SCHEMA.require_segmentation(np.zeros((2, 2)), "mask.png")


def test_differences_between_schemas_are_named() -> None:
    SCHEMA.require_same(SCHEMA, "the model", "the data")
    other = replace(SCHEMA, class_names=("background", "left arm", "leg"), mirrored_classes=())
    with pytest.raises(UserError, match="differ in their classes: only the model has right arm; only the data has leg"):
        SCHEMA.require_same(other, "the model", "the data")
    with pytest.raises(UserError, match="the model has size 32, the data has size 64"):
        SCHEMA.require_same(replace(SCHEMA, image_size=64), "the model", "the data")
