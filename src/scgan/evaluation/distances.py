"""Distances between two sets of images, as pure functions of their features. NumPy in, NumPy out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.metrics import bootstrap_interval, derangement

Floats = NDArray[np.float64]

_ITEMS_AT_ONCE = 256
_FRECHET_RESAMPLES = 20  # each costs the singular values of a large matrix


class FeatureSets(NamedTuple):
    """Features of the images that are compared, each (N, D) with an N of its own.

    Attributes:
        real: real images of the split.
        generated: images made from their masks and attributes, in the same order.
        training: real images of the training split.
        one, other: generated images of the same masks and attributes that differ in the latent, in the same order.
    """

    real: NDArray[Any]
    generated: NDArray[Any]
    training: NDArray[Any]
    one: NDArray[Any]
    other: NDArray[Any]

    def training_subset(self, seed: int) -> NDArray[Any]:
        """Draw as many training images as there are real ones; all of them if there are fewer."""
        rows = np.random.default_rng(seed).permutation(len(self.training))[: len(self.real)]
        return self.training[np.sort(rows)]


FeatureScore = tuple[float, float, Floats]  # the model's value, that of real images, the model's interval (2,)


def frechet_score(sets: FeatureSets, seed: int) -> FeatureScore:
    """``frechet_distance`` of generated images, and of training images, to the real images."""
    real = fit_gaussian(sets.real)
    return (
        frechet_distance(real, fit_gaussian(sets.generated)),
        frechet_distance(real, fit_gaussian(sets.training_subset(seed))),
        frechet_interval(sets.real, sets.generated, seed),
    )


def kernel_score(sets: FeatureSets, seed: int) -> FeatureScore:
    """``kernel_distance`` of generated images, and of training images, to the real images."""
    model, *interval = kernel_distance(sets.real, sets.generated, seed)
    return model, kernel_distance(sets.real, sets.training_subset(seed), seed)[0], np.array(interval)


def pair_score(sets: FeatureSets, seed: int) -> FeatureScore:
    """Mean distance of two images that share mask and attributes, and of two unrelated real images."""
    pairs = np.linalg.norm(sets.one - sets.other, axis=1)
    unrelated = np.linalg.norm(sets.real - sets.real[derangement(len(sets.real), seed)], axis=1)
    return pairs.mean(), unrelated.mean(), bootstrap_interval(pairs, lambda means: means, seed)


def nearest_score(sets: FeatureSets, seed: int) -> FeatureScore:
    """Mean distance of generated, and of real images, to their nearest training image.

    Generated images that repeat training images would be nearer than new real images are.
    """
    generated = nearest_distances(sets.generated, sets.training)
    real = nearest_distances(sets.real, sets.training)
    return generated.mean(), real.mean(), bootstrap_interval(generated, lambda means: means, seed)


class Gaussian(NamedTuple):
    """Normal distribution of features.

    Attributes:
        mean: (D,).
        factor: F of the covariance Fᵀ F, (K, D); with fewer items than features K is the number of items.
    """

    mean: Floats
    factor: Floats


def fit_gaussian(features: NDArray[Any]) -> Gaussian:
    """Mean and unbiased covariance of features (N, D), N ≥ 2."""
    values = features.astype(np.float64)
    mean = values.mean(0)
    factor = (values - mean) / np.sqrt(len(values) - 1)
    if len(factor) > factor.shape[1]:
        factor = np.linalg.qr(factor, mode="r")  # the same Fᵀ F with D rows
    return Gaussian(mean, factor)


def frechet_distance(one: Gaussian, other: Gaussian) -> float:
    """‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½), the distance of two normal distributions (Heusel et al. 2017).

    With Inception's features it is the FID. With fewer items than features the covariances are singular and the
    distance is too large.
    """
    # The eigenvalues of Σ₁ Σ₂ are the squared singular values of F₁ F₂ᵀ, a small matrix when there are few items.
    root_trace = np.linalg.svd(one.factor @ other.factor.T, compute_uv=False).sum()
    traces = np.square(one.factor).sum() + np.square(other.factor).sum()
    return float(np.square(one.mean - other.mean).sum() + traces - 2 * root_trace)


def frechet_interval(real: NDArray[Any], fake: NDArray[Any], seed: int) -> Floats:
    """95 % interval of ``frechet_distance``, (2,): the distance ± 1.96 standard deviations over redraws of the fakes.

    Redraws with repetition have smaller covariances, which shifts every distance by about as much, so the interval
    takes their spread, not their quantiles.
    """
    gaussian = fit_gaussian(real)
    random = np.random.default_rng(seed)
    draws = [
        frechet_distance(gaussian, fit_gaussian(fake[random.integers(0, len(fake), len(fake))]))
        for _ in range(_FRECHET_RESAMPLES)
    ]
    return frechet_distance(gaussian, fit_gaussian(fake)) + 1.96 * np.std(draws, ddof=1) * np.array([-1.0, 1.0])


def kernel_distance(real: NDArray[Any], fake: NDArray[Any], seed: int, subset_size: int = 1000) -> Floats:
    """KID (Bińkowski et al. 2018): unbiased squared maximum mean discrepancy with the kernel (x·y / D + 1)³.

    Both sets are split at random into the same number of subsets of about ``subset_size`` items (one, if they are
    smaller), and the distances of corresponding subsets are averaged. A subset of a much larger set has at most twice
    as many items, because the memory is quadratic in it.

    Args:
        real, fake: (N, D) and (M, D); at least 2 each.
        seed: of the subsets and redraws.
        subset_size: items of a subset.

    Returns:
        (3,): the distance, and the ends of its 95 % interval over redraws of the items of every subset.
    """
    random = np.random.default_rng(seed)
    count = max(1, min(len(real), len(fake)) // subset_size)
    max_items = 2 * count * subset_size
    subsets = [np.array_split(random.permutation(len(items))[:max_items], count) for items in (real, fake)]
    draws = [
        _discrepancies(real[real_rows].astype(np.float64), fake[fake_rows].astype(np.float64), random)
        for real_rows, fake_rows in zip(*subsets, strict=True)
    ]
    values = np.mean(draws, axis=0)
    return np.array([values[0], *np.nanquantile(values[1:], [0.025, 0.975])])


def nearest_distances(items: NDArray[Any], others: NDArray[Any]) -> Floats:
    """Euclidean distance of each item to the nearest of the others: (N, D) and (M, D), M ≥ 1 → (N,)."""
    others = others.astype(np.float64)
    lengths = np.square(others).sum(1)
    distances = []
    for first in range(0, len(items), _ITEMS_AT_ONCE):
        part = items[first : first + _ITEMS_AT_ONCE].astype(np.float64)
        squares = np.square(part).sum(1) + (lengths - 2 * part @ others.T).min(1)  # ‖a‖² + ‖b‖² − 2 a·b
        distances.append(np.sqrt(squares.clip(min=0)))
    return np.concatenate(distances)


def _discrepancies(real: Floats, fake: Floats, random: np.random.Generator, resamples: int = 500) -> Floats:
    """Discrepancy of the two sets, then of ``resamples`` redraws of them, (1 + resamples,).

    A redraw weighs each item by its count. No item is compared with itself, however often it was drawn, so the redraws
    are unbiased too.
    """
    weights = []
    for items in (real, fake):
        drawn = random.multinomial(len(items), np.full(len(items), 1 / len(items)), resamples)
        weights.append(np.concatenate([_ones(items), drawn]))
    return _weighted(*_kernels(real, fake), *weights)


def _weighted(within_real: Floats, within_fake: Floats, between: Floats, real: Floats, fake: Floats) -> Floats:
    def pairs(kernel: Floats, weights: Floats) -> Floats:
        total = np.einsum("ri,ri->r", weights @ kernel, weights)
        pairs = weights.sum(1) ** 2 - (weights**2).sum(1)  # 0 if a draw of very few items repeats a single one
        return np.divide(total, pairs, out=np.full(total.shape, np.nan), where=pairs > 0)

    cross = np.einsum("ri,ri->r", real @ between, fake) / (real.sum(1) * fake.sum(1))
    return pairs(within_real, real) + pairs(within_fake, fake) - 2 * cross


def _kernels(real: Floats, fake: Floats) -> tuple[Floats, Floats, Floats]:
    """Kernel matrices within real, within fake (both with a zero diagonal), and between them."""

    def kernel(one: Floats, other: Floats) -> Floats:
        return (one @ other.T / one.shape[1] + 1) ** 3

    within = [kernel(items, items) for items in (real, fake)]
    for values in within:
        np.fill_diagonal(values, 0)
    return within[0], within[1], kernel(real, fake)


def _ones(items: NDArray[Any]) -> Floats:
    return np.ones((1, len(items)))
