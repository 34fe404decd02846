"""Tests of the sections that several pages share."""

from __future__ import annotations

import numpy as np

from scgan.reports.sections import attribute_variations
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors


def test_variations_change_one_attribute_each() -> None:
    names = ("red", "blue", "old")
    schema = Schema(32, ("a", "b"), distinct_colors(2), names, attribute_groups=(("red", "blue"),))
    attributes = np.array([[1, 0, 1], [1, 0, 1], [0, 1, 1], [0, 0, 0]], np.float32)
    variations = attribute_variations(attributes, schema)
    assert [(name, values.tolist()) for name, values in variations] == [
        ("red, old", [1, 0, 1]),
        ("without old", [1, 0, 0]),
        ("with blue", [0, 1, 1]),
    ]
    assert len(attribute_variations(attributes, schema, max_count=1)) == 2


def test_variations_without_attributes() -> None:
    schema = Schema(32, ("a", "b"), distinct_colors(2))
    ((name, values),) = attribute_variations(np.zeros((5, 0), np.float32), schema)
    assert name == "no attribute" and values.shape == (0,)
