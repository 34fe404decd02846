"""Comparison of generated images within the tolerance that the documentation promises."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def assert_same_images(actual: NDArray[Any], expected: NDArray[Any]) -> None:
    """Check that two arrays hold the same images: equal shapes, no value more than 1 of 255 apart.

    Sums in a different order round differently, so a value may depend on the batch size, the number of threads and the
    processor. Only the same command on the same machine gives the same bytes.

    Args:
        actual, expected: integers in [0, 255], the same shape.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"shapes {actual.shape} and {expected.shape}"
    difference = np.abs(actual.astype(np.int64) - expected.astype(np.int64))
    assert not difference.size or difference.max() <= 1, f"values differ by up to {difference.max()} of 255"
