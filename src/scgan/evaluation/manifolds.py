"""Precision and recall of generated images (Kynkäänniemi et al. 2019), as pure functions of features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.distances import FeatureScore, FeatureSets, Floats

NEIGHBORS = 3  # k of the paper
MAX_ITEMS = 10_000  # of each set; the time grows with the square
_ITEMS_AT_ONCE = 1024
_HALVES = 20


def precision_score(sets: FeatureSets, seed: int) -> FeatureScore:
    """``coverage`` of generated images, and of training images, by the real images."""
    real, generated, training = _limited(sets, seed)
    return coverage(real, generated), coverage(real, training), coverage_interval(real, generated, seed)


def recall_score(sets: FeatureSets, seed: int) -> FeatureScore:
    """``coverage`` of the real images by the generated ones, and by training images."""
    real, generated, training = _limited(sets, seed)
    return coverage(generated, real), coverage(training, real), coverage_interval(generated, real, seed)


def coverage(reference: NDArray[Any], items: NDArray[Any], neighbors: int = NEIGHBORS) -> float:
    """Share of items that lie in the manifold of a reference set (equation 1).

    The manifold is the union of balls around the reference items, each as large as the distance to its own
    ``neighbors``-th nearest other reference item.

    Args:
        reference, items: features (N, D) and (M, D).
        neighbors: k.

    Returns:
        A share in [0, 1]; NaN where the reference has no more than k items, or nothing is to be judged.
    """
    if len(reference) <= neighbors or not len(items):
        return float("nan")
    radii = _radii(reference, neighbors)
    covered = 0
    for first in range(0, len(items), _ITEMS_AT_ONCE):
        squares = _squares(items[first : first + _ITEMS_AT_ONCE], reference)
        covered += int((squares <= radii).any(1).sum())
    return covered / len(items)


def coverage_interval(reference: NDArray[Any], items: NDArray[Any], seed: int) -> Floats:
    """95 % interval of ``coverage``, (2,): the share ± 1.96 standard deviations over halves of both sets.

    Redraws with repetition would give an item itself as its nearest neighbour, so halves are drawn without repetition.
    Their mean differs from the share of the whole sets, because fewer items have larger balls; their spread is that of
    whole sets drawn from a large population (delete-half jackknife, Shao and Wu 1989).
    """
    random = np.random.default_rng(seed)
    draws = [coverage(_half(reference, random), _half(items, random)) for _ in range(_HALVES)]
    share = coverage(reference, items)
    return np.clip(share + 1.96 * np.std(draws, ddof=1) * np.array([-1.0, 1.0]), 0, 1)


def _half(values: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
    return values[random.permutation(len(values))[: len(values) // 2]]


def _limited(sets: FeatureSets, seed: int) -> list[NDArray[Any]]:
    """Real, generated and training features: the same rows of the first two, at most ``MAX_ITEMS``."""
    rows = np.sort(np.random.default_rng(seed).permutation(len(sets.real))[:MAX_ITEMS])
    return [sets.real[rows], sets.generated[rows], sets.training_subset(seed)[:MAX_ITEMS]]


def _radii(reference: NDArray[Any], neighbors: int) -> Floats:
    """Squared distance of each item to its k-th nearest other item, (N,)."""
    parts = []
    for first in range(0, len(reference), _ITEMS_AT_ONCE):
        squares = _squares(reference[first : first + _ITEMS_AT_ONCE], reference)
        places = np.arange(len(squares))
        squares[places, first + places] = np.inf
        parts.append(np.partition(squares, neighbors - 1, axis=1)[:, neighbors - 1])
    return np.concatenate(parts)


def _squares(items: NDArray[Any], others: NDArray[Any]) -> Floats:
    """Squared Euclidean distances, (N, D) and (M, D) → (N, M)."""
    items, others = items.astype(np.float64), others.astype(np.float64)
    # ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b
    squares: Floats = np.square(items).sum(1)[:, None] + np.square(others).sum(1) - 2 * items @ others.T
    return squares.clip(min=0)
