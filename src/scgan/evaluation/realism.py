"""Distances between features of generated and real images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.distances import FeatureSets
from scgan.evaluation.features import Features, features_of_real_images, landmarks_for
from scgan.evaluation.measures import FEATURES
from scgan.evaluation.scores import SEED_STRIDE, Scores, compared_score, subset
from scgan.utils.batching import batches
from scgan.utils.errors import UserError
from scgan.utils.progress import progress
from scgan.utils.text import counted

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import Synthesizer

MAX_IMAGES = 50_000
_PAIRS = 256
_BATCH = 64


class FeatureCollector:
    """Features of generated images, collected batch by batch. The images are not kept: they would fill the memory."""

    def __init__(self, features: Sequence[Features], cache: Path | None = None) -> None:
        """Collect ``features``; those of real images are cached in ``cache`` (by default the user's cache folder)."""
        self.features, self.cache = features, cache
        self.parts: list[list[NDArray[np.float32]]] = [[] for _ in features]

    def add(self, images: NDArray[np.uint8], dataset: PreparedDataset, rows: NDArray[np.int64]) -> None:
        """Extract features of generated images, uint8 (N, H, W, 3), made from these items of ``dataset``."""
        for parts, features in zip(self.parts, self.features, strict=True):
            parts.append(features.extract(images, landmarks_for(features, dataset, rows)))

    def scores(
        self, synthesizer: Synthesizer, dataset: PreparedDataset, rows: NDArray[np.int64], seed: int
    ) -> dict[str, Scores]:
        """Compare the collected features with those of real images.

        Args:
            synthesizer: generates the pairs of images that share mask and attributes.
            dataset, rows: items of the collected images, in their order; at most 50,000 are compared.
            seed: of subsets, latents and intervals.

        Returns:
            By name of the features the metrics ``FEATURES``, each with ``model``, ``real`` (real images in place of the
            model's) and ``interval``; ``feature_count`` and ``images``: with fewer images than features the Fréchet
            distance is not to be trusted.
        """
        if not self.features:
            return {}
        places = subset(np.arange(len(rows)), MAX_IMAGES, seed)
        pairs = self._pairs(synthesizer, dataset, subset(rows, _PAIRS, seed), seed)
        scores = {}
        for features, parts, (one, other) in zip(self.features, self.parts, pairs, strict=True):
            generated = np.concatenate(parts)[places]
            train = subset(reference_rows(dataset), MAX_IMAGES, seed)
            sets = FeatureSets(
                real=features_of_real_images(dataset, rows[places], features, self.cache),
                generated=generated,
                training=features_of_real_images(dataset, train, features, self.cache),
                one=one,
                other=other,
            )
            scores[features.name] = {
                **{metric.path.split(".")[-1]: compared_score(*metric.function(sets, seed)) for metric in FEATURES},
                "feature_count": generated.shape[1],
                "images": len(places),
            }
        return scores

    def _pairs(
        self, synthesizer: Synthesizer, dataset: PreparedDataset, rows: NDArray[np.int64], seed: int
    ) -> list[list[NDArray[Any]]]:
        """Features of two images of each mask, which differ in the latent: two arrays for each set of features."""
        halves = np.split(synthesizer.sample_latent(2 * len(rows), seed * SEED_STRIDE), 2)
        parts: list[list[list[NDArray[Any]]]] = [[[], []] for _ in self.features]
        with progress("pairs", len(rows)) as advance:
            for part in batches(len(rows), _BATCH):
                masks, attributes = dataset.generator_masks(rows[part]), dataset.attributes[rows[part]]
                for half, latents in enumerate(halves):
                    images = synthesizer.generate(masks, attributes, latents[part])
                    for collected, features in zip(parts, self.features, strict=True):
                        collected[half].append(features.extract(images, landmarks_for(features, dataset, rows[part])))
                advance(len(masks), "")
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
