"""Which labels are drawn, how often, and with whose masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scgan.data.prepared import PreparedDataset
from scgan.schema import Schema
from scgan.synthesis.candidates import Candidates
from scgan.synthesis.labels import LabelMix, as_found, balanced, chosen
from scgan.utils.errors import UserError

SCHEMA = Schema(32, ("background", "thing"), ((0, 0, 0), (255, 0, 0)), ("bright", "tall"))
LABELS = [(0, 0), (1, 0), (1, 0), (1, 1), (1, 0)]


def dataset(labels: list[tuple[float, ...]]) -> PreparedDataset:
    """Item i has i+1 pixels of the thing."""
    count = len(labels)
    masks = np.zeros((count, 32, 32), np.uint8)
    for index, mask in enumerate(masks):
        mask[0, : index + 1] = 1
    names = tuple(f"p{index}" for index in range(count))
    values = np.array(labels, np.float32).reshape(count, -1)
    schema = SCHEMA if values.shape[1] else Schema(32, SCHEMA.class_names, SCHEMA.class_colors)
    images = np.zeros((count, 32, 32, 3), np.uint8)
    return PreparedDataset(Path("d"), schema, images, masks, values, None, names, ("train",) * count, "f" * 16, {})


def test_labels_as_found_keep_their_masks() -> None:
    mix = as_found(dataset(LABELS), np.arange(5))
    assert mix.labels.tolist() == [[0, 0], [1, 0], [1, 1]]
    np.testing.assert_allclose(mix.shares, [0.2, 0.6, 0.2])
    assert [rows.tolist() for rows in mix.rows] == [[0], [1, 2, 4], [3]]
    np.testing.assert_allclose(balanced(mix).shares, [1 / 3] * 3)


def test_without_attributes_there_is_one_label() -> None:
    mix = as_found(dataset([(), (), ()]), np.arange(3))
    assert mix.labels.shape == (1, 0) and mix.shares.tolist() == [1] and mix.rows[0].tolist() == [0, 1, 2]


def test_chosen_labels_and_weights() -> None:
    mix = chosen(SCHEMA, ["bright,tall=0.5", ""], [3, 1], np.arange(2))
    assert mix.labels.tolist() == [[1, 0.5], [0, 0]] and mix.shares.tolist() == [0.75, 0.25]
    assert chosen(SCHEMA, ["bright", "tall"], None, np.arange(2)).shares.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("texts", "weights", "message"),
    [
        (["bald"], None, "unknown attribute 'bald'; known are bright, tall"),
        (["tall", "tall=1"], None, "one label is there twice"),
        (["tall", "bright"], [1.0], "--weights has 1 numbers, --labels has 2 labels"),
        (["tall", "bright"], [1.0, 0.0], "--weights 1 0: each must be above 0"),
    ],
)
def test_mixes_that_are_none(texts: list[str], weights: list[float] | None, message: str) -> None:
    with pytest.raises(UserError, match=message):
        chosen(SCHEMA, texts, weights, np.arange(2))


def test_draws_of_a_picture_keep_its_label_and_change_the_rest() -> None:
    data = dataset(LABELS)
    candidates = Candidates(data, as_found(data, np.arange(5)), jitter=0, seed=4)
    counts = {}
    for picture in range(300):
        draws = [candidates.draw(picture, draw) for draw in (1, 2, 3)]
        assert all(draw is not None for draw in draws)
        labels = {tuple(draw.recipe.attributes.tolist()) for draw in draws}  # type: ignore[union-attr]
        assert len(labels) == 1
        assert len({draw.recipe.latent for draw in draws}) == 3  # type: ignore[union-attr]
        for draw in draws:
            assert LABELS[draw.row] in labels  # type: ignore[union-attr]
            assert draw.recipe.segmentation.sum() == draw.row + 1  # type: ignore[union-attr]
        counts[picture] = labels.pop()
    shares = [list(counts.values()).count(label) / 300 for label in [(0, 0), (1, 0), (1, 1)]]
    np.testing.assert_allclose(shares, [0.2, 0.6, 0.2], atol=0.07)


def test_a_draw_depends_on_seed_picture_and_number_alone() -> None:
    data = dataset(LABELS)
    mix = LabelMix(np.array([[1, 0]], np.float32), np.ones(1), [np.arange(5)])
    one, again, other = (Candidates(data, mix, 1.0, seed).draw(7, 2) for seed in (1, 1, 2))
    assert one is not None and again is not None and other is not None
    np.testing.assert_array_equal(one.recipe.segmentation, again.recipe.segmentation)
    assert (one.row, one.changes, one.recipe.latent) == (again.row, again.changes, again.recipe.latent)
    assert one.recipe.latent != other.recipe.latent
