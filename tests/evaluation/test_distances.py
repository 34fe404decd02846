"""Tests of distances between sets of features: values worked out by hand, and torchmetrics."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scgan.evaluation.distances import (
    Gaussian,
    fit_gaussian,
    frechet_distance,
    frechet_interval,
    kernel_distance,
    nearest_distances,
)


def normal(count: int, size: int, seed: int, shift: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size)) + shift


def covariance(gaussian: Gaussian) -> np.ndarray:
    return gaussian.factor.T @ gaussian.factor


def gaussian_of(mean: np.ndarray, covariance: np.ndarray) -> Gaussian:
    return Gaussian(mean, np.linalg.cholesky(covariance).T)


def test_mean_and_covariance_by_hand() -> None:
    gaussian = fit_gaussian(np.array([[0.0, 0.0], [2.0, 4.0]]))
    assert gaussian.mean.tolist() == [1, 2]
    np.testing.assert_allclose(covariance(gaussian), [[2, 4], [4, 8]])


@pytest.mark.parametrize(("count", "rows"), [(5, 5), (50, 8)])
def test_factor_is_as_small_as_can_be(count: int, rows: int) -> None:
    features = normal(count, 8, 1)
    gaussian = fit_gaussian(features)
    assert len(gaussian.factor) == rows
    np.testing.assert_allclose(covariance(gaussian), np.cov(features.T), atol=1e-12)


def test_frechet_distance_of_diagonal_covariances() -> None:
    one = gaussian_of(np.array([0.0, 1.0]), np.diag([4.0, 9.0]))
    other = gaussian_of(np.array([3.0, 1.0]), np.diag([1.0, 16.0]))
    # Means 3 apart; standard deviations 2 and 1, 3 and 4.
    assert frechet_distance(one, other) == pytest.approx(9 + 1 + 1)
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-12)


def test_frechet_distance_of_covariances_that_do_not_commute() -> None:
    """In two dimensions tr (Σ₁Σ₂)^½ = √(tr Σ₁Σ₂ + 2 √det Σ₁Σ₂)."""
    a, b = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[3.0, 0.0], [0.0, 1.0]])
    root = np.sqrt(np.trace(a @ b) + 2 * np.sqrt(np.linalg.det(a @ b)))
    by_hand = np.trace(a) + np.trace(b) - 2 * root
    assert frechet_distance(gaussian_of(np.zeros(2), a), gaussian_of(np.zeros(2), b)) == pytest.approx(by_hand)


@pytest.mark.parametrize(("count", "size"), [(200, 8), (20, 32)])
def test_frechet_distance_agrees_with_torchmetrics(count: int, size: int) -> None:
    from torchmetrics.image.fid import _compute_fid

    one, other = fit_gaussian(normal(count, size, 1)), fit_gaussian(1.3 * normal(count, size, 2, 0.5))
    pairs = ((gaussian.mean, covariance(gaussian)) for gaussian in (one, other))
    theirs = _compute_fid(*(torch.from_numpy(value) for pair in pairs for value in pair))
    assert frechet_distance(one, other) == pytest.approx(theirs.item(), rel=1e-6)


def test_frechet_interval_holds_the_distance_and_shrinks_with_more_images() -> None:
    real, fake = normal(2000, 4, 1), normal(2000, 4, 2, 0.5)
    low, high = frechet_interval(real, fake, 0)
    assert low < frechet_distance(fit_gaussian(real), fit_gaussian(fake)) < high
    fewer = frechet_interval(real, fake[:200], 0)
    assert fewer[1] - fewer[0] > 2 * (high - low)


def of_whole(real: np.ndarray, fake: np.ndarray) -> float:
    """Kernel distance of sets that are one subset each."""
    return float(kernel_distance(real, fake, seed=0)[0])


def test_kernel_distance_by_hand() -> None:
    """One feature: k(x, y) = (xy + 1)³. Real 0, 1; fake 0, 2."""
    real, fake = np.array([[0.0], [1.0]]), np.array([[0.0], [2.0]])
    between = (1 + 1 + 1 + 27) / 4
    assert of_whole(real, fake) == pytest.approx(1 + 1 - 2 * between)


def test_kernel_distance_agrees_with_torchmetrics() -> None:
    from torchmetrics.image.kid import poly_mmd

    real, fake = normal(50, 16, 1), normal(50, 16, 2, 0.3)
    theirs = poly_mmd(torch.from_numpy(real), torch.from_numpy(fake))
    assert of_whole(real, fake) == pytest.approx(theirs.item(), rel=1e-9)


def test_kernel_distance_of_the_same_source_has_an_interval_around_zero() -> None:
    value, low, high = kernel_distance(normal(400, 8, 1), normal(300, 8, 2), 0)
    assert low < 0 < high and low < value < high
    value, low, high = kernel_distance(normal(400, 8, 1), normal(300, 8, 2, 0.4), 0)
    assert 0 < low < value < high


def test_kernel_distance_of_many_is_the_mean_of_subsets() -> None:
    real, fake = normal(25, 3, 1), normal(20, 3, 2)
    random = np.random.default_rng(7)
    parts = [np.array_split(items[random.permutation(len(items))], 2) for items in (real, fake)]
    by_hand = np.mean([of_whole(a, b) for a, b in zip(*parts, strict=True)])
    assert kernel_distance(real, fake, 7, subset_size=10)[0] == pytest.approx(by_hand)
    assert kernel_distance(real, fake, 7).tolist() == kernel_distance(real, fake, 7).tolist()


def test_kernel_distance_takes_no_more_than_two_subsets_of_a_much_larger_set() -> None:
    real, fake = normal(500, 3, 1), normal(15, 3, 2)
    some = np.random.default_rng(7).permutation(500)[:20]
    by_hand = of_whole(real[some], fake)
    assert kernel_distance(real, fake, 7, subset_size=10)[0] == pytest.approx(by_hand)


def test_redraws_of_the_kernel_distance_are_unbiased() -> None:
    """An item drawn twice is not compared with itself; else every redraw would be too large."""
    value, low, high = kernel_distance(normal(30, 4, 1), normal(30, 4, 2), 0)
    assert (low + high) / 2 == pytest.approx(value, abs=(high - low) / 4)


def test_redraws_without_a_pair_of_items_are_left_out() -> None:
    real, fake = np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]])
    assert np.isfinite(kernel_distance(real, fake, seed=0)).all()


def test_nearest_distances_by_hand() -> None:
    others = np.array([[0.0, 0], [3, 4], [10, 0]])
    items = np.array([[0.0, 0], [3, 3], [6, 8], [11, 0]])
    np.testing.assert_allclose(nearest_distances(items, others), [0, 1, 5, 1], atol=1e-6)
    many = np.random.default_rng(0).normal(size=(600, 2))  # more than are compared at once
    direct = np.linalg.norm(many[:, None] - others, axis=2).min(1)
    np.testing.assert_allclose(nearest_distances(many, others), direct)
