"""Distances between features of generated and real images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.distances import FeatureSets
from scgan.evaluation.features import features_of_real_images
from scgan.evaluation.generation import Generation
from scgan.evaluation.measures import FEATURES
from scgan.evaluation.scores import Scores, compared_score, subset
from scgan.utils.errors import UserError
from scgan.utils.progress import progress
from scgan.utils.text import counted

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset

MAX_IMAGES = 50_000
_PAIRS = 256


class FeatureCollector:
    """Features of generated images, collected batch by batch. The images are not kept: they would fill the memory.

    Args:
        generation: the model, the data set, and the sets of features.
        cache: folder for features of real images; the user's cache folder by default.
    """

    def __init__(self, generation: Generation, cache: Path | None = None) -> None:
        self.generation, self.cache = generation, cache
        self.parts: list[list[NDArray[np.float32]]] = [[] for _ in generation.features]

    def add(self, extracted: list[NDArray[np.float32]]) -> None:
        """Add the features of a batch of generated images, (N, D) for each set."""
        for parts, features in zip(self.parts, extracted, strict=True):
            parts.append(features)

    def scores(self, rows: NDArray[np.int64], seed: int) -> dict[str, Scores]:
        """Compare the collected features with those of real images.

        Args:
            rows: items of the collected images, in their order; at most 50,000 are compared.
            seed: of subsets, latents and intervals.

        Returns:
            By name of the features the metrics ``FEATURES``, each with ``model``, ``real`` (real images in place of the
            model's) and ``interval``; ``feature_count`` and ``images``: with fewer images than features the Fréchet
            distance is not to be trusted.
        """
        if not self.generation.features:
            return {}
        dataset, workers = self.generation.dataset, self.generation.workers
        places = subset(np.arange(len(rows)), MAX_IMAGES, seed)
        pairs = self._pairs(subset(rows, _PAIRS, seed), seed)
        scores = {}
        for features, parts, (one, other) in zip(self.generation.features, self.parts, pairs, strict=True):
            generated = np.concatenate(parts)[places]
            train = subset(reference_rows(dataset), MAX_IMAGES, seed)
            sets = FeatureSets(
                real=features_of_real_images(dataset, rows[places], features, self.cache, workers),
                generated=generated,
                training=features_of_real_images(dataset, train, features, self.cache, workers),
                one=one,
                other=other,
            )
            scores[features.name] = {
                **{metric.path.split(".")[-1]: compared_score(*metric.function(sets, seed)) for metric in FEATURES},
                "feature_count": generated.shape[1],
                "images": len(places),
            }
        return scores

    def _pairs(self, rows: NDArray[np.int64], seed: int) -> list[list[NDArray[Any]]]:
        """Features of two images of each mask, which differ in the latent: two arrays for each set of features."""
        generation = self.generation
        attributes = generation.dataset.attributes[rows]
        parts: list[list[list[NDArray[Any]]]] = [[[], []] for _ in generation.features]
        with progress("pairs", 2 * len(rows)) as advance:
            for half, latents in enumerate(generation.latent_pairs(len(rows), seed)):
                for batch in generation.images_and_features(rows, attributes, latents):
                    for collected, features in zip(parts, batch.features, strict=True):
                        collected[half].append(features)
                    advance(len(batch.generated), "")
        return [[np.concatenate(half) for half in collected] for collected in parts]


def reference_rows(dataset: PreparedDataset) -> NDArray[np.int64]:
    """Rows of the train split, whose images are the reference of distances.

    Raises:
        UserError: there are fewer than 2.
    """
    rows = dataset.rows_of("train")
    if len(rows) < 2:
        raise UserError(
            f"{dataset.path} has {counted(len(rows), 'item')} in its train split, but --features compares with at "
            "least 2 training images: leave --features out."
        )
    return rows
