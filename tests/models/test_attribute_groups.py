"""Tests of the groups of attributes: values by hand, and requests that name none of a group."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import scgan
from scgan.models.attribute_groups import AttributeGroup, commonest_vector, complete, find_groups
from scgan.schema import Schema

SCHEMA = Schema(
    32,
    ("background", "shape"),
    ((0, 0, 0), (255, 0, 0)),
    ("color=red", "color=blue", "Black", "Blond", "Young"),
    attribute_groups=(("color=red", "color=blue"),),
)


def data() -> NDArray[np.float32]:
    """100 items: 70 red, 30 blue; 40 black, 30 blond, 30 neither; every second one young."""
    attributes = np.zeros((100, 5), np.float32)
    attributes[:70, 0] = attributes[70:, 1] = 1
    attributes[::5, 2] = attributes[1::5, 2] = 1
    attributes[2::5, 3] = attributes[3:50:5, 3] = 1
    attributes[::2, 4] = 1
    return attributes


def test_groups_by_hand() -> None:
    assert find_groups(data(), SCHEMA) == (
        AttributeGroup(("color=red", "color=blue"), (0.7, 0.3)),
        AttributeGroup(("Black", "Blond"), (0.4, 0.3)),
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[0, 0, 0, 0, 1], [1, 0, 0, 1, 0], [0, 0, 0, 0, 1]], [0, 0, 0, 0, 1]),  # more frequent
        ([[0, 0, 0, 0, 1], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1]], [0, 1, 0, 1, 0]),  # of both groups
        ([[1, 0, 0, 1, 0], [0, 1, 1, 0, 1], [1, 0, 1, 0, 0]], [1, 0, 1, 0, 0]),  # the commonest of both
    ],
)
def test_ties_of_the_most_frequent_attributes(rows: list[list[int]], expected: list[int]) -> None:
    groups = find_groups(data(), SCHEMA)
    assert commonest_vector(np.array(rows, np.float32), groups, SCHEMA).tolist() == expected


def test_the_most_frequent_attributes_of_faces_name_a_hair_colour() -> None:
    model = scgan.load("faces")
    vector = model.commonest_attributes()
    assert [name for name, value in zip(model.schema.attribute_names, vector, strict=True) if value] == [
        "Brown_Hair",
        "Male",
    ]
    no_attributes = np.zeros((3, 0), np.float32)
    assert commonest_vector(no_attributes, (), Schema(32, ("a", "b"), ((0, 0, 0), (1, 1, 1)))).shape == (0,)


def test_no_groups_where_chance_explains_them() -> None:
    """In 16 items, two rare attributes may well never occur together; empty data have no groups."""
    assert [group.names for group in find_groups(data()[:16], SCHEMA)] == [("color=red", "color=blue")]
    assert find_groups(data()[:0], SCHEMA) == ()


def test_group_that_most_items_lack_is_none() -> None:
    attributes = np.zeros((1000, 5), np.float32)
    attributes[:200, 2] = attributes[200:400, 3] = 1
    assert [group.names for group in find_groups(attributes, SCHEMA)] == [("color=red", "color=blue")]


def test_completion_by_hand() -> None:
    groups = find_groups(data(), SCHEMA)
    completion = complete(SCHEMA.parse_attributes("Young"), ["Young"], groups, SCHEMA)
    np.testing.assert_array_equal(completion.attributes, np.float32([1, 0, 0, 0, 1]))
    assert completion.notes == (
        "attributes: color=red is added, the most frequent of color=red, color=blue, since 100% of the training "
        "data have one of them (name another, or one with =0).",
        "attributes: none of Black, Blond is requested, like 30% of the training data: name one of them to choose.",
    )


def test_a_request_without_any_name_is_explained() -> None:
    groups = find_groups(data(), SCHEMA)
    completion = complete(SCHEMA.parse_attributes(""), [], groups, SCHEMA)
    np.testing.assert_array_equal(completion.attributes, np.float32([1, 0, 0, 0, 0]))
    assert completion.notes[2:] == (
        "attributes: none is requested, so Young is 0 and the images show what does not have it.",
    )


@pytest.mark.parametrize(
    ("text", "vector"),
    [
        ("color=blue,Black", [0, 1, 1, 0, 0]),
        ("color=blue=0.5,Blond=0", [0, 0.5, 0, 0, 0]),
        ("color=red=0,Black=0", [0, 0, 0, 0, 0]),
    ],
)
def test_named_groups_are_left_alone(text: str, vector: list[float]) -> None:
    values = SCHEMA.attribute_values(text)
    completion = complete(SCHEMA.attribute_vector(values), list(values), find_groups(data(), SCHEMA), SCHEMA)
    np.testing.assert_array_equal(completion.attributes, np.float32(vector))
    assert completion.notes == ()


def test_shipped_models_complete_text_but_no_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    fashion = scgan.load("fashion")
    vector = fashion.parse_attributes("")
    assert vector.sum() == 1
    assert fashion.parse_attributes("color=red").tolist() == fashion.attribute_vector({"color=red": 1.0}).tolist()
    fashion.parse_attributes("")
    assert capsys.readouterr().err.count("is added") == 1, "said once"
    mask, zeros = fashion.examples.segmentations[0], np.zeros(fashion.schema.attribute_count)
    completed, chosen, bare = (fashion.generate(mask, attributes, seed=1) for attributes in ("", vector, zeros))
    np.testing.assert_array_equal(completed, chosen)
    assert (completed != bare).any()
    faces = scgan.load("faces")
    assert faces.parse_attributes("Young").tolist() == [0, 0, 0, 0, 1]
    assert "none of Black_Hair, Blond_Hair, Brown_Hair is requested" in capsys.readouterr().err
