"""How far two sets of pictures are apart, as pure functions of their features. NumPy in, NumPy out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SUBSET_SIZE = 1000
_ITEMS_AT_ONCE = 256
_FRECHET_RESAMPLES = 20  # each costs the eigenvalues of a large matrix


class Moments(NamedTuple):
    """Mean (D,) and covariance (D, D) of features."""

    mean: Floats
    covariance: Floats


def moments(features: NDArray[Any]) -> Moments:
    """Features (N, D), N ≥ 2 → their ``Moments``; the covariance is the unbiased one."""
    values = features.astype(np.float64)
    mean = values.mean(0)
    centred = values - mean
    return Moments(mean, centred.T @ centred / (len(values) - 1))


def frechet_distance(one: Moments, other: Moments) -> float:
    """‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½), the distance of two normal distributions (Heusel et al. 2017).

    With Inception's features it is the FID. With fewer items than features the covariances are singular and the
    distance is too large: then it is not to be trusted.
    """
    return _frechet_distance(one.mean, _square_root(one.covariance), one.covariance.trace(), other)


def frechet_interval(real: NDArray[Any], fake: NDArray[Any], seed: int) -> Floats:
    """95 % interval of ``frechet_distance``, (2,): the distance ± 1.96 standard deviations when fakes are drawn again.

    Draws with repetition have smaller covariances, which shifts every distance by about as much, so the spread around
    their own mean is taken, not the draws themselves.
    """
    known = moments(real)
    root, trace = _square_root(known.covariance), known.covariance.trace()
    random = np.random.default_rng(seed)
    draws = [
        _frechet_distance(known.mean, root, trace, moments(fake[random.integers(0, len(fake), len(fake))]))
        for _ in range(_FRECHET_RESAMPLES)
    ]
    distance = _frechet_distance(known.mean, root, trace, moments(fake))
    return distance + 1.96 * np.std(draws, ddof=1) * np.array([-1.0, 1.0])


def kernel_distance(real: NDArray[Any], fake: NDArray[Any], seed: int) -> Floats:
    """KID (Bińkowski et al. 2018): unbiased squared maximum mean discrepancy with the kernel (x·y / D + 1)³.

    Both sets are dealt by ``seed`` into as many subsets of about 1,000 as they give (one, when they are smaller), and
    the distances of corresponding subsets are averaged. Of a much larger set, at most 2,000 items go into a subset: the
    memory is quadratic in it.

    Args:
        real, fake: (N, D) and (M, D); at least 2 each.
        seed: decides the subsets and the draws.

    Returns:
        (3,): the distance, and the ends of its 95 % interval when the items of every subset are drawn again.
    """
    random = np.random.default_rng(seed)
    count = max(1, min(len(real), len(fake)) // _SUBSET_SIZE)
    most = 2 * count * _SUBSET_SIZE
    deals = [np.array_split(random.permutation(len(items))[:most], count) for items in (real, fake)]
    draws = [
        _discrepancies(real[mine].astype(np.float64), fake[theirs].astype(np.float64), random)
        for mine, theirs in zip(*deals, strict=True)
    ]
    values = np.mean(draws, axis=0)
    return np.array([values[0], *np.nanquantile(values[1:], [0.025, 0.975])])


def nearest_distances(items: NDArray[Any], others: NDArray[Any]) -> Floats:
    """The Euclidean distance of each item to the nearest of the others: (N, D) and (M, D), M ≥ 1 → (N,)."""
    others = others.astype(np.float64)
    lengths = np.square(others).sum(1)
    found = []
    for first in range(0, len(items), _ITEMS_AT_ONCE):
        part = items[first : first + _ITEMS_AT_ONCE].astype(np.float64)
        squares = np.square(part).sum(1) + (lengths - 2 * part @ others.T).min(1)  # ‖a‖² + ‖b‖² − 2 a·b
        found.append(np.sqrt(squares.clip(min=0)))
    return np.concatenate(found)


def _discrepancies(real: Floats, fake: Floats, random: np.random.Generator, resamples: int = 500) -> Floats:
    """That of the two sets, and those of ``resamples`` draws from them, (1 + resamples,).

    A draw weighs items by how often it has them; an item is never compared with itself, however often it was drawn, so
    the draws are unbiased too.
    """
    weights = []
    for items in (real, fake):
        drawn = random.multinomial(len(items), np.full(len(items), 1 / len(items)), resamples)
        weights.append(np.concatenate([_ones(items), drawn]))
    return _weighted(*_kernels(real, fake), *weights)


def _weighted(within_real: Floats, within_fake: Floats, between: Floats, real: Floats, fake: Floats) -> Floats:
    def pairs(kernel: Floats, weights: Floats) -> Floats:
        total = np.einsum("ri,ri->r", weights @ kernel, weights)
        others = weights.sum(1) ** 2 - (weights**2).sum(1)  # 0 where a draw of very few items has but one of them
        return np.divide(total, others, out=np.full(total.shape, np.nan), where=others > 0)

    cross = np.einsum("ri,ri->r", real @ between, fake) / (real.sum(1) * fake.sum(1))
    return pairs(within_real, real) + pairs(within_fake, fake) - 2 * cross


def _kernels(real: Floats, fake: Floats) -> tuple[Floats, Floats, Floats]:
    """Within real, within fake (both without their diagonals), between."""

    def kernel(one: Floats, other: Floats) -> Floats:
        return (one @ other.T / one.shape[1] + 1) ** 3

    within = [kernel(items, items) for items in (real, fake)]
    for values in within:
        np.fill_diagonal(values, 0)
    return within[0], within[1], kernel(real, fake)


def _ones(items: NDArray[Any]) -> Floats:
    return np.ones((1, len(items)))


def _square_root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(values.clip(min=0))) @ vectors.T


def _frechet_distance(mean: Floats, root: Floats, trace: float, other: Moments) -> float:
    # Σ₁ Σ₂ has the eigenvalues of the symmetric √Σ₁ Σ₂ √Σ₁; rounding can make a zero a little negative.
    values = np.linalg.eigvalsh(root @ other.covariance @ root).clip(min=0)
    return float(np.square(mean - other.mean).sum() + trace + other.covariance.trace() - 2 * np.sqrt(values).sum())
