"""How near generated pictures come to photos: distances of features, and the colour step across outlines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.distances import frechet_distance, frechet_interval, kernel_distance, moments, nearest_distances
from scgan.evaluation.features import Features, features_of_photos
from scgan.evaluation.metrics import bootstrap_interval, derangement, mean_outline_step, outline_steps
from scgan.evaluation.scores import SEEDS_APART, Scores, number, subset
from scgan.utils.progress import progress

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import Synthesizer

MAX_IMAGES = 50_000
_PAIRS = 256
_BATCH = 64


def realism(
    synthesizer: Synthesizer,
    dataset: PreparedDataset,
    features: Sequence[Features],
    rows: NDArray[np.int64],
    seed: int,
    cache: Path | None = None,
) -> Scores:
    """Compare pictures made from masks and labels with those items' photos, at most 50,000 of them.

    Returns:
        ``outline_step`` (mean absolute colour difference across the outline of the background), and for each set of
        features by its name ``frechet``, ``kernel``, ``pair_distance`` (the mean distance of features between two
        pictures that share mask and label) and ``nearest_photo`` (the mean distance of a picture to the nearest of the
        training photos, at most 50,000: a model that had memorised them would be nearer than new photos are). Each has
        ``model``, ``photos`` and ``interval`` (the model's): what as many training photos, for pairs unrelated photos,
        for the nearest the test photos come to in place of the model's pictures; for the outline the photos themselves.
        Beside them ``images`` and ``feature_count``: with fewer images than features the Fréchet
        distance is not to be trusted, and the kernel distance leads.
    """
    rows = subset(rows, MAX_IMAGES, seed)
    latent = synthesizer.sample_latent(len(rows), seed * SEEDS_APART)
    outlines, *made = _look_at(synthesizer, dataset, rows, latent, features)
    pairs = subset(rows, _PAIRS, seed)
    latent = synthesizer.sample_latent(2 * len(pairs), seed * SEEDS_APART)
    halves = [_look_at(synthesizer, dataset, pairs, half, features)[1:] for half in np.split(latent, 2)]
    photos = sum(
        (outline_steps(dataset.images[part], dataset.segmentations[part]).sum(0) for part in _parts(rows)), np.zeros(2)
    )
    return {
        "outline_step": _compared(
            mean_outline_step(outlines.sum(0)),
            mean_outline_step(photos),
            bootstrap_interval(outlines, mean_outline_step, seed),
        ),
        **{
            kind.name: _distances(fakes, one, other, dataset, rows, kind, seed, cache)
            for kind, fakes, one, other in zip(features, made, *halves, strict=True)
        },
        "images": len(rows),
    }


def _look_at(
    synthesizer: Synthesizer,
    dataset: PreparedDataset,
    rows: NDArray[np.int64],
    latent: NDArray[np.float32],
    features: Sequence[Features],
) -> list[NDArray[Any]]:
    """``outline_steps`` of the pictures made from masks and labels of ``rows``, then each of their features.

    The pictures themselves are not kept: fifty thousand would fill the memory.
    """
    found: list[list[NDArray[Any]]] = [[] for _ in range(1 + len(features))]
    with progress("realism", len(rows)) as advance:
        for part, drawn in zip(_parts(rows), _parts(latent), strict=True):
            masks = dataset.segmentations[part]
            fakes = synthesizer.generate(masks, dataset.attributes[part], drawn)
            found[0].append(outline_steps(fakes, masks))
            for seen, kind in zip(found[1:], features, strict=True):
                seen.append(kind.extract(fakes))
            advance(len(part), "")
    return [np.concatenate(parts) for parts in found]


def _parts(items: NDArray[Any]) -> list[NDArray[Any]]:
    return [items[first : first + _BATCH] for first in range(0, len(items), _BATCH)]


def _distances(
    fakes: NDArray[np.float32],
    one: NDArray[np.float32],
    other: NDArray[np.float32],
    dataset: PreparedDataset,
    rows: NDArray[np.int64],
    kind: Features,
    seed: int,
    cache: Path | None,
) -> Scores:
    """Distances of features: of all fakes, and of pairs of pictures (``one`` and ``other``)."""
    real = features_of_photos(dataset, rows, kind, cache)
    known = subset(dataset.split("train"), MAX_IMAGES, seed)
    learned = features_of_photos(dataset, known, kind, cache)
    training = learned[subset(np.arange(len(known)), len(rows), seed)]
    nearest = nearest_distances(fakes, learned)
    truth = moments(real)
    kernel = kernel_distance(real, fakes, seed)
    apart = np.linalg.norm(one - other, axis=1)
    unrelated = np.linalg.norm(real - real[derangement(len(real), seed)], axis=1)
    return {
        "frechet": {
            "name": kind.frechet_name,
            **_compared(
                frechet_distance(truth, moments(fakes)),
                frechet_distance(truth, moments(training)),
                frechet_interval(real, fakes, seed),
            ),
        },
        "kernel": {
            "name": kind.kernel_name,
            **_compared(kernel[0], kernel_distance(real, training, seed)[0], kernel[1:]),
        },
        "pair_distance": _compared(
            apart.mean(), unrelated.mean(), bootstrap_interval(apart, lambda means: means, seed)
        ),
        "nearest_photo": _compared(
            nearest.mean(),
            nearest_distances(real, learned).mean(),
            bootstrap_interval(nearest, lambda means: means, seed),
        ),
        "feature_count": real.shape[1],
    }


def _compared(model: Any, photos: Any, interval: NDArray[np.float64]) -> Scores:
    return {"model": number(model), "photos": number(photos), "interval": [number(end) for end in interval]}
