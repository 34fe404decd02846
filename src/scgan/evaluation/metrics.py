"""Metrics as pure functions of arrays, without models, data sets or files. NumPy in, NumPy out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

IGNORED = 255
"""Value of pixels without a class, as in ``scgan.schema``; this module imports nothing of the package."""
_WEIGHTS_AT_ONCE = 2**22


def confusion_matrices(true: NDArray[Any], predicted: NDArray[Any], class_count: int) -> NDArray[np.int64]:
    """Count, for each item, the pixels of every class that were taken for every class.

    Args:
        true: integers (N, …) in [0, class_count); pixels with ``IGNORED`` are left out.
        predicted: the same shape, integers in [0, class_count).
        class_count: the number of classes C.

    Returns:
        int64 (N, C, C); rows are true classes, columns predicted ones. Their sum over N is the matrix of all items.

    Raises:
        ValueError: the shapes differ, or a class is out of range.
    """
    if true.shape != predicted.shape:
        raise ValueError(f"the true classes have shape {true.shape}, the predicted ones {predicted.shape}")
    counted = true != IGNORED
    for name, classes in (("true", true[counted]), ("predicted", predicted)):
        if classes.size and not (classes.min() >= 0 and classes.max() < class_count):
            raise ValueError(f"{name} classes lie in [{classes.min()}, {classes.max()}], there are {class_count}")
    count = len(true)
    pairs = true.reshape(count, -1).astype(np.int64) * class_count + predicted.reshape(count, -1)
    cells = class_count * class_count
    pairs += cells * np.arange(count)[:, None]
    counts = np.bincount(pairs[counted.reshape(count, -1)], minlength=count * cells)
    return counts.reshape(count, class_count, class_count)


def pixel_accuracy(matrix: NDArray[Any]) -> Floats:
    """Share of pixels whose class is right (Table 1): confusion matrices (…, C, C) → (…) in [0, 1], NaN if empty."""
    return _ratio(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum((-2, -1)))


def per_class_iou(matrix: NDArray[Any]) -> Floats:
    """Intersection over union: confusion matrices (…, C, C) → (…, C) in [0, 1]; NaN for a class absent from both."""
    intersection = np.diagonal(matrix, axis1=-2, axis2=-1)
    return _ratio(intersection, matrix.sum(-1) + matrix.sum(-2) - intersection)


def mean_iou(matrix: NDArray[Any]) -> Floats:
    """Mean of ``per_class_iou`` over the classes that occur: confusion matrices (…, C, C) → (…) in [0, 1]."""
    iou = per_class_iou(matrix)
    return _ratio(np.nansum(iou, -1), np.isfinite(iou).sum(-1))


def normalised(value: Any, floor: Any, ceiling: Any) -> Floats:
    """(value − floor) / (ceiling − floor): 0 is as bad as shuffled pairs, 1 as good as real images.

    NaN where the ceiling is not above the floor: the grader then sees no difference.
    """
    span = np.asarray(ceiling, np.float64) - floor
    return _ratio(np.asarray(value, np.float64) - floor, np.where(span > 0, span, 0))


def derangement(count: int, seed: int) -> NDArray[np.int64]:
    """Permutation of 0…count − 1 without a fixed point; all of them are equally likely.

    Raises:
        ValueError: ``count`` is below 2.
    """
    if count < 2:
        raise ValueError(f"{count} items cannot all change places: at least 2 are needed")
    random = np.random.default_rng(seed)
    while True:  # a permutation is a derangement with probability 1/e, whatever the count
        permutation = random.permutation(count)
        if not (permutation == np.arange(count)).any():
            return permutation


def background_change(images_a: NDArray[Any], images_b: NDArray[Any], segmentation: NDArray[Any]) -> Floats:
    """Absolute difference of two images in the background, for each item as a sum and a count.

    Applied to two images of one mask and attributes with different latents, its quotient is the latent diversity.

    Args:
        images_a, images_b: uint8 (N, H, W, 3).
        segmentation: integers (N, H, W); 0 is the background. Pixels with ``IGNORED`` are left out.

    Returns:
        (N, 2): the absolute difference (images in [0, 1], averaged over colors) summed over background pixels, and
        the number of these pixels.
    """
    difference = np.abs(images_a.astype(np.int16) - images_b).mean(-1) / 255
    background = segmentation == 0
    return np.stack([(difference * background).sum((1, 2)), background.sum((1, 2))], -1)


def outline_steps(images: NDArray[Any], segmentation: NDArray[Any]) -> Floats:
    """Color steps across the outline of the background, for each item as a sum and a count.

    A foreground that does not merge with its background (Figure 9) has a larger step than real images have.

    Args:
        images: uint8 (N, H, W, 3).
        segmentation: integers (N, H, W); 0 is the background. Pixels with ``IGNORED`` are left out.

    Returns:
        (N, 2): the absolute differences of neighbouring pixels of which one is background (images in [0, 1], averaged
        over colors), summed; and the number of such pairs.
    """
    pixels, background = images.astype(np.float64) / 255, segmentation == 0
    ignored = segmentation == IGNORED
    sums = np.zeros((len(images), 2))
    for axis in (1, 2):
        step = np.abs(np.diff(pixels, axis=axis)).mean(-1)
        crosses = np.diff(background, axis=axis)  # of booleans: where neighbours differ
        after, before = (np.delete(ignored, end, axis) for end in (0, -1))
        crosses &= ~(after | before)
        sums += np.stack([(step * crosses).sum((1, 2)), crosses.sum((1, 2))], -1)
    return sums


def quotient(sums: Floats) -> Floats:
    """Mean value from sums and counts (or their means over items): (…, 2) → (…); NaN where the count is 0."""
    return _ratio(sums[..., 0], sums[..., 1])


def sums_and_counts(values: Floats) -> Floats:
    """Sums and counts (N, 2) as they are; values of items (N,) as sums of one each."""
    return values if values.ndim == 2 else np.stack([values, np.ones(len(values))], -1)


def mean_agreement(agreement: Floats) -> Floats:
    """Mean over attributes: (…, K) → (…)."""
    return agreement.mean(-1)


def each_agreement(agreement: Floats) -> Floats:
    """Agreement of each attribute as it is: (…, K)."""
    return agreement


def moving_average(values: Floats, window: int) -> Floats:
    """Centred mean over ``window`` values, fewer at both ends: (n,) → (n,)."""
    counts = np.convolve(np.ones(len(values)), np.ones(window), mode="same")
    return np.convolve(values, np.ones(window), mode="same") / counts


def spread(values: Floats, window: int) -> float:
    """Standard deviation around the moving average, (n,) → a number: Figure 10's "vibration" of a loss."""
    return float(np.std(values - moving_average(values, window)))


def bootstrap_interval(
    items: NDArray[Any], statistic: Callable[[Floats], Floats], seed: int, resamples: int = 1000
) -> Floats:
    """95 % percentile interval of ``statistic`` of the mean over items, over redraws of the items.

    Resampled means come from matrix products, so per-item confusion matrices of a large split cost little:
    accuracy and IoU of a mean confusion matrix equal those of the sum.

    Args:
        items: (N, …), one array for each item.
        statistic: takes means over items, (resamples, …), and gives (resamples, …).
        seed: of the redraws.
        resamples: number of redraws of N items from N, with replacement.

    Returns:
        (2, …): the lower and the upper end; NaN where the statistic is undefined in every redraw.
    """
    count = len(items)
    flat = items.reshape(count, -1).astype(np.float64)
    random, shares = np.random.default_rng(seed), np.full(count, 1 / count)
    means, step = np.empty((resamples, flat.shape[1])), max(1, _WEIGHTS_AT_ONCE // count)
    for start in range(0, resamples, step):
        part = means[start : start + step]
        part[:] = random.multinomial(count, shares, len(part)) / count @ flat
    values = statistic(means.reshape(resamples, *items.shape[1:]))
    # A rare class may be absent from some redraws, which are left out for it.
    undefined = np.isnan(values).all(0)
    return np.where(undefined, np.nan, np.nanquantile(np.where(undefined, 0, values), [0.025, 0.975], axis=0))


def median_error(errors: Floats) -> float:
    """Median of errors (N,), infinite ones included: NaN if it is one of them."""
    median = float(np.median(errors))
    return median if np.isfinite(median) else float("nan")


def missed_share(errors: Floats) -> float:
    """Share of infinite errors (N,), in [0, 1]."""
    return float(np.isinf(errors).mean())


def resampled_interval(items: Floats, statistic: Callable[[Floats], float], seed: int, resamples: int = 1000) -> Floats:
    """95 % percentile interval of a statistic that is no function of a mean, as the median, over redraws of items (N,).

    Returns:
        (2,): the lower and the upper end; NaN where the statistic is undefined at that end.
    """
    random = np.random.default_rng(seed)
    values = np.array([statistic(items[random.integers(0, len(items), len(items))]) for _ in range(resamples)])
    # Undefined values of an error are the largest ones, and NaN sorts behind all numbers.
    return np.sort(values)[[round(0.025 * (resamples - 1)), round(0.975 * (resamples - 1))]]


def _ratio(numerator: Any, denominator: Any) -> Floats:
    """NaN where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(np.asarray(numerator, np.float64), denominator)
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator != 0)
