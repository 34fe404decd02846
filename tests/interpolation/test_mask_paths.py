"""Paths between masks: exact ends, parts that move without vanishing, no mixed classes."""

from itertools import pairwise

import numpy as np
import pytest

from scgan.interpolation import fractions, grid_path, interpolate_masks, piecewise_path
from scgan.utils.errors import UserError


def blank() -> np.ndarray:
    return np.zeros((32, 32), np.uint8)


def test_ends_are_the_end_points() -> None:
    random = np.random.default_rng(0)
    start, end = random.integers(0, 5, (2, 8, 8)).repeat(4, axis=1).repeat(4, axis=2).astype(np.uint8)
    path = interpolate_masks(start, end, fractions(4))
    assert path.dtype == np.uint8
    np.testing.assert_array_equal(path[[0, -1]], [start, end])


def test_a_small_square_glides() -> None:
    start, end = blank(), blank()
    start[2:6, 2:6] = 1
    end[22:26, 12:16] = 1  # it does not overlap with where it was
    for number, mask in enumerate(interpolate_masks(start, end, fractions(11))):
        expected = blank()
        expected[2 + 2 * number : 6 + 2 * number, 2 + number : 6 + number] = 1
        np.testing.assert_array_equal(mask, expected)


def test_a_square_grows_evenly() -> None:
    start, end = blank(), blank()
    start[12:20, 12:20] = 1
    end[8:24, 4:28] = 1
    middle = interpolate_masks(start, end, np.array([0.5]))[0]
    rows, columns = np.nonzero(middle)
    assert abs(np.ptp(rows) + 1 - 12) <= 1
    assert abs(np.ptp(columns) + 1 - 16) <= 1
    assert abs(middle.sum() - 12 * 16) <= 20


def test_the_smaller_class_lies_on_top() -> None:
    start, end = blank(), blank()
    start[4:28, 4:28] = 1
    end[4:28, 4:28] = 1
    start[6:9, 6:9] = 2
    end[20:23, 20:23] = 2
    for mask in interpolate_masks(start, end, fractions(8)):
        assert (mask == 2).sum() == 9
        assert (mask > 0).sum() == 24 * 24


def test_a_class_that_fills_one_mask_shrinks_to_nothing_evenly() -> None:
    end = blank()
    shares = [float((mask == 1).mean()) for mask in interpolate_masks(np.ones_like(end), end, fractions(9))]
    assert shares[0] == 1 and shares[-1] == 0
    assert all(0 < before - after < 0.35 for before, after in pairwise(shares))


def test_a_class_that_fills_one_mask_shrinks_to_a_part_evenly() -> None:
    end = blank()
    end[8:24, 8:24] = 1
    shares = [float((mask == 1).mean()) for mask in interpolate_masks(np.ones_like(end), end, fractions(9))]
    assert shares[0] == 1 and shares[-1] == 0.25
    assert all(0 < before - after < 0.2 for before, after in pairwise(shares))


def test_a_class_of_one_end_grows_from_nothing() -> None:
    start, end = blank(), blank()
    start[4:28, 4:28] = 1
    end[:] = start
    end[10:20, 10:20] = 3
    areas = [(mask == 3).sum() for mask in interpolate_masks(start, end, fractions(6))]
    assert areas[0] == 0
    assert areas[-1] == 100
    assert areas == sorted(areas)
    backwards = [(mask == 3).sum() for mask in interpolate_masks(end, start, fractions(6))]
    assert backwards == areas[::-1]


def test_no_gap_opens_between_classes() -> None:
    start, end = blank(), blank()
    start[4:10, 8:24], start[10:28, 8:24] = 1, 2
    end[4:22, 8:24], end[22:28, 8:24] = 1, 2
    for mask in interpolate_masks(start, end, fractions(9)):
        assert (mask[4:28, 8:24] > 0).all()
        assert (mask[:4] == 0).all()
        boundary = mask[4:28, 16].tolist()
        assert boundary == sorted(boundary)


def test_nothing_and_everything() -> None:
    full = np.full((32, 32), 2, np.uint8)
    assert not interpolate_masks(blank(), blank(), fractions(3)).any()
    assert (interpolate_masks(full, full, fractions(3)) == 2).all()
    areas = interpolate_masks(blank(), full, fractions(5)).astype(bool).sum(axis=(1, 2)).tolist()
    assert areas == sorted(areas)
    assert areas[0] == 0
    assert areas[-1] == 32 * 32


def test_in_paths_and_grids() -> None:
    masks = np.stack([blank()] * 4)
    for number, mask in enumerate(masks):
        mask[4 + 4 * number : 12 + 4 * number, 4:12] = 1
    assert piecewise_path(masks, 7, interpolate_masks).shape == (7, 32, 32)
    grid = grid_path(masks, 2, 3, interpolate_masks)
    assert grid.shape == (2, 3, 32, 32)
    np.testing.assert_array_equal(grid[[0, 0, 1, 1], [0, 2, 0, 2]], masks)


def test_masks_of_two_sizes_are_refused() -> None:
    with pytest.raises(UserError, match=r"a path of masks needs masks of one size, not \(32, 32\) and \(16, 16\)"):
        interpolate_masks(blank(), np.zeros((16, 16), np.uint8), fractions(3))
