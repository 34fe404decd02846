"""Tests of the images that an evaluation generates, on a model whose images are known."""

from __future__ import annotations

import numpy as np

from painted_models import Painter, dataset, painted, pixel_features
from scgan.evaluation.generation import BATCH, Generation


def test_images_come_in_batches_with_their_features() -> None:
    data, calls = dataset(2 * BATCH), list[int]()
    rows = np.arange(BATCH + 2)
    generation = Generation(Painter(), data, [pixel_features(calls)])
    latents = generation.latents(len(rows), seed=0)
    batched = list(generation.images_and_features(rows, data.attributes[rows], latents))
    assert [len(batch.generated) for batch in batched] == calls == [BATCH, 2]
    generated = np.concatenate([batch.generated for batch in batched])
    np.testing.assert_array_equal(generated, painted(data.attributes[rows]))
    np.testing.assert_array_equal(batched[1].features[0], data.attributes[rows[BATCH:]] + np.float32(20 / 255))


def test_nothing_is_computed_before_it_is_read() -> None:
    data, calls = dataset(), list[int]()
    generation = Generation(Painter(), data, [pixel_features(calls)])
    results = generation.images_and_features(np.arange(4), data.attributes[:4], generation.latents(4, 0))
    assert calls == []
    next(iter(results))
    assert calls == [4]


def test_pairs_of_latents_differ() -> None:
    one, other = Generation(Painter(), dataset()).latent_pairs(5, seed=1)
    assert one.shape == other.shape == (5, 1) and not np.isclose(one, other).any()
