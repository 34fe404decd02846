"""Filled polygons, at pixels worked out by hand."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.polygons import fill_polygons


def fill(outline: NDArray[Any], size: int) -> NDArray[np.bool_]:
    return fill_polygons([outline], size)[0]


def test_square_takes_the_pixels_whose_centres_it_holds() -> None:
    # From 1.6 to 4.4 pixels of 8: the centres 2.5 and 3.5 lie inside.
    corners = np.array([(1.6, 1.6), (4.4, 1.6), (4.4, 4.4), (1.6, 4.4)]) / 8
    expected = np.zeros((8, 8), bool)
    expected[2:4, 2:4] = True
    np.testing.assert_array_equal(fill(corners, 8), expected)
    np.testing.assert_array_equal(fill(corners[::-1], 8), expected)


def test_triangle() -> None:
    # Below the diagonal x < y: pixel (row, column) lies inside where column < row.
    corners = np.array([(0.001, 0.0), (1.001, 1.0), (0.001, 1.0)]) - (0.002, 0)
    np.testing.assert_array_equal(fill(corners, 6), np.tri(6, k=-1, dtype=bool))


def test_a_pixel_inside_of_two_windings_is_filled() -> None:
    square = np.array([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)])
    assert fill(np.concatenate([square, square]), 10)[5, 5]


def test_parts_outside_are_cut_off() -> None:
    assert fill(np.array([(-1, -1), (3, -1), (3, 3), (-1, 3)]), 5).all()
    assert fill(np.array([(-1, 0.4), (3, 0.4), (3, 0.6), (-1, 0.6)]), 5).sum() == 5
    for shift in ((2, 0), (-2, 0), (0, 2), (0, -2)):
        assert not fill(np.array([(0, 0), (1, 0), (1, 1)]) + shift, 5).any()
