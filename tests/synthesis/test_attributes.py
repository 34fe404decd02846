"""Distributions of attributes and the items of their masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.schema import Schema
from scgan.synthesis.attributes import balanced, chosen_mix, observed_mix
from scgan.utils.errors import UserError

SCHEMA = Schema(32, ("background", "thing"), ((0, 0, 0), (255, 0, 0)), ("bright", "tall"))
ATTRIBUTES = [(0, 0), (1, 0), (1, 0), (1, 1), (1, 0)]


def dataset(attributes: list[tuple[float, ...]]) -> PreparedDataset:
    """Data whose item i has i+1 pixels of the thing."""
    count = len(attributes)
    masks = np.zeros((count, 32, 32), np.uint8)
    for index, mask in enumerate(masks):
        mask[0, : index + 1] = 1
    names = tuple(f"p{index}" for index in range(count))
    values = np.array(attributes, np.float32).reshape(count, -1)
    schema = SCHEMA if values.shape[1] else Schema(32, SCHEMA.class_names, SCHEMA.class_colors)
    images = np.zeros((count, 32, 32, 3), np.uint8)
    return PreparedDataset(
        Path("d"), schema, images, masks, values, None, names, ItemSplits.of(("train",) * count), "f" * 16, {}
    )


def test_observed_attributes_keep_their_masks() -> None:
    mix = observed_mix(dataset(ATTRIBUTES), np.arange(5))
    assert mix.attributes.tolist() == [[0, 0], [1, 0], [1, 1]]
    np.testing.assert_allclose(mix.shares, [0.2, 0.6, 0.2])
    assert [rows.tolist() for rows in mix.rows] == [[0], [1, 2, 4], [3]]
    np.testing.assert_allclose(balanced(mix).shares, [1 / 3] * 3)


def test_data_without_attributes() -> None:
    mix = observed_mix(dataset([(), (), ()]), np.arange(3))
    assert mix.attributes.shape == (1, 0) and mix.shares.tolist() == [1] and mix.rows[0].tolist() == [0, 1, 2]


def test_chosen_attributes_and_weights() -> None:
    mix = chosen_mix(SCHEMA.parse_attributes, ["bright,tall=0.5", ""], [3, 1], np.arange(2))
    assert mix.attributes.tolist() == [[1, 0.5], [0, 0]] and mix.shares.tolist() == [0.75, 0.25]
    assert chosen_mix(SCHEMA.parse_attributes, ["bright", "tall"], None, np.arange(2)).shares.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("texts", "weights", "message"),
    [
        (["bald"], None, "unknown attribute 'bald'; known are bright, tall"),
        (["tall", "tall=1"], None, "one set is given twice"),
        (["tall", "bright"], [1.0], "--attribute-weights has 1 numbers, --attribute-sets has 2 sets"),
        (["tall", "bright"], [1.0, 0.0], "--attribute-weights 1 0: each must be above 0"),
    ],
)
def test_refused_mixes(texts: list[str], weights: list[float] | None, message: str) -> None:
    with pytest.raises(UserError, match=message):
        chosen_mix(SCHEMA.parse_attributes, texts, weights, np.arange(2))
