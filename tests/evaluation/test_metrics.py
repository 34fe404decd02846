"""Tests of metrics against values worked out by hand, and against torchmetrics."""

import math

import numpy as np
import pytest

from scgan import schema
from scgan.evaluation import metrics
from scgan.evaluation.metrics import (
    IGNORED,
    background_change,
    bootstrap_interval,
    confusion_matrices,
    derangement,
    mean_iou,
    median_error,
    missed_share,
    moving_average,
    normalised,
    outline_steps,
    per_class_iou,
    pixel_accuracy,
    quotient,
    resampled_interval,
    spread,
    sums_and_counts,
)

TRUE = np.array([[0, 0, 1, 1], [2, 2, 2, 1]], np.uint8)
PREDICTED = np.array([[0, 1, 1, 1], [2, 2, 0, 1]], np.uint8)


def confusion_matrix(true: np.ndarray, predicted: np.ndarray, class_count: int) -> np.ndarray:
    """Confusion matrix of all items at once."""
    return confusion_matrices(true[None], predicted[None], class_count)[0]


def test_confusion_matrix_by_hand() -> None:
    matrix = confusion_matrix(TRUE, PREDICTED, 4)
    assert matrix.tolist() == [[1, 1, 0, 0], [0, 3, 0, 0], [1, 0, 2, 0], [0, 0, 0, 0]]
    assert pixel_accuracy(matrix) == 6 / 8
    assert per_class_iou(matrix)[:3] == pytest.approx([1 / 3, 3 / 4, 2 / 3])
    assert math.isnan(per_class_iou(matrix)[3])
    assert mean_iou(matrix) == pytest.approx((1 / 3 + 3 / 4 + 2 / 3) / 3)


def test_matrices_of_items_sum_to_the_matrix_of_all() -> None:
    matrices = confusion_matrices(TRUE, PREDICTED, 3)
    assert matrices.shape == (2, 3, 3)
    assert matrices[0].tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert matrices.sum(0).tolist() == confusion_matrix(TRUE, PREDICTED, 3).tolist()


def test_ignored_pixels_are_left_out_of_matrices() -> None:
    true = TRUE.copy()
    true[0, 1], true[1, 2] = IGNORED, IGNORED  # the two pixels that were taken for others
    assert confusion_matrix(true, PREDICTED, 3).tolist() == [[1, 0, 0], [0, 3, 0], [0, 0, 2]]
    assert confusion_matrices(true, PREDICTED, 3)[0].tolist() == [[1, 0, 0], [0, 2, 0], [0, 0, 0]]
    nothing = confusion_matrix(np.full((2, 4), IGNORED), PREDICTED, 3)
    assert nothing.sum() == 0 and math.isnan(pixel_accuracy(nothing))
    with pytest.raises(ValueError, match="predicted classes"):
        confusion_matrix(TRUE, true, 3)
    assert schema.IGNORED == IGNORED


def test_a_class_present_in_one_mask_only_counts_as_zero() -> None:
    matrix = confusion_matrix(np.array([0, 0]), np.array([0, 1]), 3)
    assert per_class_iou(matrix)[:2].tolist() == [0.5, 0.0]
    assert mean_iou(matrix) == 0.25


def test_agrees_with_torchmetrics() -> None:
    import torch
    from torchmetrics.classification import MulticlassAccuracy, MulticlassConfusionMatrix, MulticlassJaccardIndex

    random = np.random.default_rng(3)
    true = random.integers(0, 5, (6, 16, 16))
    predicted = np.where(random.random(true.shape) < 0.7, true, random.integers(0, 5, true.shape))
    matrix = confusion_matrix(true, predicted, 5)
    arguments = torch.from_numpy(predicted), torch.from_numpy(true)
    assert matrix.tolist() == MulticlassConfusionMatrix(5)(*arguments).tolist()
    assert pixel_accuracy(matrix) == pytest.approx(MulticlassAccuracy(5, average="micro")(*arguments).item())
    assert per_class_iou(matrix) == pytest.approx(MulticlassJaccardIndex(5, average=None)(*arguments).numpy())
    assert mean_iou(matrix) == pytest.approx(MulticlassJaccardIndex(5)(*arguments).item())


@pytest.mark.parametrize("bad", [np.array([[0, 5]]), np.array([[-1, 0]]), np.array([[0, 0, 0]])])
def test_confusion_matrix_refuses_other_shapes_and_classes(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"classes lie in|have shape"):
        confusion_matrix(np.array([[0, 1]]), bad, 3)


def test_normalised_gives_the_papers_own_value() -> None:
    # Table 1, CelebA: SCGAN .9895 between floor .9204 and ceiling .9928
    assert normalised(0.9895, 0.9204, 0.9928) == pytest.approx(0.954, abs=5e-4)
    assert normalised(0.3, 0.3, 0.9) == 0
    assert math.isnan(normalised(0.5, 0.7, 0.7))
    assert math.isnan(normalised(0.5, 0.7, 0.6))


@pytest.mark.parametrize("count", [2, 3, 10, 1000])
def test_derangement_moves_everything(count: int) -> None:
    permutation = derangement(count, seed=7)
    assert sorted(permutation) == list(range(count))
    assert not (permutation == np.arange(count)).any()
    assert (permutation == derangement(count, seed=7)).all()


def test_derangement_depends_on_the_seed_and_needs_two() -> None:
    assert (derangement(50, 1) != derangement(50, 2)).any()
    with pytest.raises(ValueError, match="at least 2"):
        derangement(1, 0)


def test_latent_background_diversity_by_hand() -> None:
    a, b = np.zeros((2, 2, 2, 3), np.uint8), np.zeros((2, 2, 2, 3), np.uint8)
    segmentation = np.array([[[0, 0], [0, 1]], [[1, 1], [1, 0]]])
    b[0, 0, 0] = 255  # one of three background pixels of the first item: from black to white
    b[0, 1, 1] = 255  # not background
    b[1, 1, 1] = (51, 0, 0)  # the only background pixel of the second: 0.2 in one colour of three
    changes = background_change(a, b, segmentation)
    assert changes == pytest.approx(np.array([[1, 3], [0.2 / 3, 1]]))
    assert quotient(changes.sum(0)) == pytest.approx((1 + 0.2 / 3) / 4)
    assert background_change(b, a, segmentation) == pytest.approx(changes)  # no wrap-around of uint8
    assert math.isnan(quotient(np.zeros(2)))
    segmentation[0, 0, 0] = IGNORED
    assert background_change(a, b, segmentation) == pytest.approx(np.array([[0, 2], [0.2 / 3, 1]]))


def test_bootstrap_interval_of_a_mean_is_the_normal_one() -> None:
    values = np.random.default_rng(0).normal(5, 2, 400)
    low, high = bootstrap_interval(values, lambda means: means, seed=1, resamples=4000)
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.02)
    assert high == pytest.approx(values.mean() + half, abs=0.02)


def test_resampled_interval_of_a_median_is_that_of_its_order_statistics() -> None:
    """Ranks of the median's interval follow the binomial distribution: 40 and 61 of 100 values."""
    values = np.random.default_rng(0).permutation(100.0 * np.arange(100))
    low, high = resampled_interval(values, median_error, seed=1, resamples=4000)
    assert abs(low - 3900) <= 200 and abs(high - 6000) <= 200


def test_resampled_interval_is_open_where_too_many_are_infinite() -> None:
    values = np.concatenate([np.arange(52.0), np.full(48, np.inf)])
    assert median_error(values) == 49.5
    low, high = resampled_interval(values, median_error, seed=0)
    assert low < 49 and np.isnan(high)
    assert np.isnan(median_error(np.full(3, np.inf)))
    assert missed_share(values) == 0.48


def test_bootstrap_interval_of_confusion_matrices() -> None:
    random = np.random.default_rng(5)
    true = random.integers(0, 3, (50, 8, 8))
    predicted = np.where(random.random(true.shape) < 0.8, true, 0)
    matrices = confusion_matrices(true, predicted, 4)
    low, high = bootstrap_interval(matrices, mean_iou, seed=0)
    assert low < mean_iou(matrices.sum(0)) < high
    assert bootstrap_interval(matrices, mean_iou, seed=0).tolist() == [low, high]
    classes = bootstrap_interval(matrices, per_class_iou, seed=0)
    assert classes.shape == (2, 4)
    assert np.isnan(classes[:, 3]).all()
    assert (classes[0, :3] < classes[1, :3]).all()


def test_bootstrap_interval_of_equal_items_is_a_point() -> None:
    matrices = np.repeat(confusion_matrix(TRUE, PREDICTED, 3)[None], 5, axis=0)
    assert bootstrap_interval(matrices, pixel_accuracy, seed=0) == pytest.approx([0.75, 0.75])


def test_outline_steps_by_hand() -> None:
    image = np.zeros((1, 2, 3, 3), np.uint8)
    image[0, :, 1] = (51, 0, 0)
    image[0, :, 2] = 255
    mask = np.array([[[0, 1, 1], [0, 0, 1]]])
    # Across the outline: row 0 between columns 0 and 1, row 1 between columns 1 and 2, column 1 between the rows.
    steps = outline_steps(image, mask)
    first, second = 51 / 255 / 3, (204 + 255 + 255) / 255 / 3
    np.testing.assert_allclose(steps, [[first + second + 0, 3]])
    assert quotient(steps.sum(0)) == pytest.approx((first + second) / 3)
    assert np.isnan(quotient(outline_steps(image, np.zeros((1, 2, 3), int)).sum(0)))
    mask[0, 0, 1] = IGNORED  # leaves the pair in row 1
    np.testing.assert_allclose(outline_steps(image, mask), [[(204 + 255 + 255) / 255 / 3, 1]])


def test_moving_average_and_spread_by_hand() -> None:
    values = np.array([0.0, 3.0, 0.0, 3.0])
    np.testing.assert_allclose(moving_average(values, 3), [1.5, 1, 2, 1.5])
    assert spread(values, 3) == pytest.approx(np.std([-1.5, 2, -2, 1.5]))
    assert spread(np.linspace(0, 1, 50), 1) == 0
    steady = np.linspace(5, 1, 200)
    shaking = steady + 0.1 * np.where(np.arange(200) % 2, 1, -1)
    assert spread(shaking, 20) == pytest.approx(0.1, abs=0.01)
    assert spread(steady, 20) < 0.04  # only at both ends, where the average is one-sided


def test_values_of_items_become_sums_of_one_each() -> None:
    assert sums_and_counts(np.array([2.0, 4.0])).tolist() == [[2, 1], [4, 1]]
    assert quotient(sums_and_counts(np.array([2.0, 4.0])).mean(0)) == 3
    assert sums_and_counts(np.array([[6.0, 3.0]])).tolist() == [[6, 3]]


def test_bootstrap_interval_in_parts_is_that_of_one_product(monkeypatch: pytest.MonkeyPatch) -> None:
    items = np.random.default_rng(0).normal(size=(60, 2, 2))
    whole = metrics.bootstrap_interval(items, lambda means: means, seed=3)
    monkeypatch.setattr(metrics, "_WEIGHTS_AT_ONCE", 60 * 7)
    np.testing.assert_allclose(metrics.bootstrap_interval(items, lambda means: means, seed=3), whole, atol=1e-12)
