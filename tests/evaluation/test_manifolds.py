"""Tests of precision and recall: values worked out by hand, a direct computation, and torch-fidelity."""

from __future__ import annotations

import numpy as np
import pytest

from scgan.evaluation.distances import FeatureSets
from scgan.evaluation.manifolds import coverage, coverage_interval, precision_score, recall_score


def normal(count: int, size: int, seed: int, scale: float = 1.0) -> np.ndarray:
    return scale * np.random.default_rng(seed).standard_normal((count, size))


def directly(reference: np.ndarray, items: np.ndarray, neighbors: int = 3) -> float:
    """Equation 1 of Kynkäänniemi et al. 2019, item by item."""
    within = np.linalg.norm(reference[:, None] - reference, axis=2)
    radii = np.sort(within, axis=1)[:, neighbors]  # the nearest one is the item itself
    return float(np.mean([(np.linalg.norm(reference - item, axis=1) <= radii).any() for item in items]))


def test_coverage_by_hand() -> None:
    """On a line, with one neighbour: the balls around 0, 1 and 10 have radii 1, 1 and 9."""
    reference = np.array([[0.0], [1.0], [10.0]])
    items = np.array([[-1.0], [-1.1], [2.0], [19.0], [19.5]])
    assert coverage(reference, items, neighbors=1) == pytest.approx(3 / 5)
    assert coverage(reference[:2], items, neighbors=1) == pytest.approx(2 / 5)


def test_too_few_items_have_no_manifold() -> None:
    assert np.isnan(coverage(normal(3, 2, 0), normal(5, 2, 1)))
    assert np.isnan(coverage(normal(5, 2, 0), normal(0, 2, 1)))
    assert np.isnan(coverage_interval(normal(6, 2, 0), normal(6, 2, 1), 0)).all()


@pytest.mark.parametrize(("count", "size"), [(300, 8), (1100, 3)])  # 1,100 are more than are compared at once
def test_coverage_agrees_with_a_direct_computation(count: int, size: int) -> None:
    reference, items = normal(count, size, 1), normal(200, size, 2, 1.2)
    assert coverage(reference, items) == pytest.approx(directly(reference, items))


def test_precision_and_recall_agree_with_torch_fidelity() -> None:
    try:
        from torch_fidelity.metric_prc import calculate_precision_recall_full
    except (ImportError, RuntimeError) as error:  # torchvision of another build than torch fails with the latter
        pytest.skip(f"torch-fidelity, of the extra fid, cannot be imported here: {error}")
    import torch

    real, generated = normal(400, 16, 1), normal(300, 16, 2, 0.8)
    precision, recall = calculate_precision_recall_full(torch.from_numpy(generated), torch.from_numpy(real))
    assert coverage(real, generated) == pytest.approx(precision, abs=1e-4)
    assert coverage(generated, real) == pytest.approx(recall, abs=1e-4)


def test_narrow_images_are_precise_and_wide_ones_have_recall() -> None:
    real, training = normal(300, 4, 1), normal(400, 4, 2)
    narrow = FeatureSets(real, normal(300, 4, 3, 0.3), training, real, real)
    wide = FeatureSets(real, normal(300, 4, 3, 3.0), training, real, real)
    assert precision_score(narrow, 0)[0] > 0.95 > 0.3 > recall_score(narrow, 0)[0]
    assert precision_score(wide, 0)[0] < 0.7 < 0.9 < recall_score(wide, 0)[0]
    for score in (precision_score, recall_score):
        model, of_photos, interval = score(narrow, 0)
        assert interval[0] <= model <= interval[1]
        assert of_photos == score(wide, 0)[1] > 0.85  # as many training images as real ones


def test_the_interval_is_as_wide_as_the_spread_over_new_images() -> None:
    pairs = [(normal(120, 6, 2 * seed), normal(120, 6, 2 * seed + 1, 0.7)) for seed in range(30)]
    recalls = [coverage(generated, real) for real, generated in pairs]
    widths = [np.ptp(coverage_interval(generated, real, 0)) / 2 for real, generated in pairs]
    assert np.mean(widths) == pytest.approx(1.96 * np.std(recalls), rel=0.35)
