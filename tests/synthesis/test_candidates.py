"""Random candidates: attributes of an image stay, mask and latent change with the attempt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.schema import Schema
from scgan.synthesis.attributes import AttributeMix, observed_mix
from scgan.synthesis.candidates import Candidates

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


def test_attempts_for_an_image_share_its_attributes() -> None:
    data = dataset(ATTRIBUTES)
    candidates = Candidates(data, observed_mix(data, np.arange(5)), jitter=0, seed=4)
    counts = {}
    for index in range(300):
        draws = [candidates.draw(index, attempt) for attempt in (1, 2, 3)]
        assert all(draw is not None for draw in draws)
        vectors = {tuple(draw.spec.attributes.tolist()) for draw in draws}  # type: ignore[union-attr]
        assert len(vectors) == 1
        assert len({draw.spec.latent for draw in draws}) == 3  # type: ignore[union-attr]
        for draw in draws:
            assert ATTRIBUTES[draw.row] in vectors  # type: ignore[union-attr]
            assert draw.spec.segmentation.sum() == draw.row + 1  # type: ignore[union-attr]
        counts[index] = vectors.pop()
    shares = [list(counts.values()).count(vector) / 300 for vector in [(0, 0), (1, 0), (1, 1)]]
    np.testing.assert_allclose(shares, [0.2, 0.6, 0.2], atol=0.07)


def test_a_draw_depends_on_seed_index_and_attempt() -> None:
    data = dataset(ATTRIBUTES)
    mix = AttributeMix(np.array([[1, 0]], np.float32), np.ones(1), [np.arange(5)])
    one, again, other = (Candidates(data, mix, 1.0, seed).draw(7, 2) for seed in (1, 1, 2))
    assert one is not None and again is not None and other is not None
    np.testing.assert_array_equal(one.spec.segmentation, again.spec.segmentation)
    assert (one.row, one.changes, one.spec.latent) == (again.row, again.changes, again.spec.latent)
    assert one.spec.latent != other.spec.latent
