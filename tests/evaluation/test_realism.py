"""Tests of distances between generated and real images, on models whose scores are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from painted_models import Painter, dataset, pixel_features
from scgan.evaluation.generation import Generation
from scgan.evaluation.realism import FeatureCollector


def scores_of(painter: Painter, cache: Path) -> dict[str, Any]:
    data = dataset(120)
    rows = data.split("test")
    generation = Generation(painter, data, [pixel_features([])])
    collector = FeatureCollector(generation, cache)
    for part in np.split(rows, 2):
        latents = painter.sample_latent(len(part), 0)
        for batch in generation.images_and_features(part, data.attributes[part], latents):
            collector.add(batch.features)
    return collector.scores(rows, 0)["pixels"]


def test_realism_of_a_painter_of_the_same_kind(tmp_path: Path) -> None:
    pixels = scores_of(Painter(), tmp_path)
    assert pixels["images"] == 60 and pixels["feature_count"] == 4
    assert pixels["frechet"]["model"] == pytest.approx(0, abs=1e-5)
    assert pixels["pair_distance"]["model"] == 0 < pixels["pair_distance"]["real"]
    varied = scores_of(Painter(latent_shows=True), tmp_path)
    assert varied["frechet"]["model"] > 0.1
    assert varied["kernel"]["interval"][0] > pixels["kernel"]["model"]
    # All attributes were painted for training too, but never a bright spot.
    assert pixels["nearest_training_image"]["model"] == pixels["nearest_training_image"]["real"] == 0
    assert varied["nearest_training_image"]["model"] > 0.3
    # Half of the pairs differ by about one in every feature.
    assert varied["pair_distance"]["model"] == pytest.approx(2 * 235 / 255 / 2, abs=0.6)


def test_nothing_is_generated_without_features(tmp_path: Path) -> None:
    assert FeatureCollector(Generation(Painter(), dataset()), tmp_path).scores(np.arange(4), 0) == {}
