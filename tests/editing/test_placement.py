"""Placements: squares and turned faces in photos, cut out and found again."""

from __future__ import annotations

import numpy as np
import pytest

from scgan.data.images import Square, cut_mask, cut_photo
from scgan.editing.placement import Placement, cut, cut_classes, place_landmarks, place_square
from scgan.faces.mean_face import toy_landmarks


def smooth_photo(height: int = 90, width: int = 120) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows, columns, rows + columns], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("square", [Square(10, 5, 64), Square(20, 10, 40), Square(0, 0, 90)])
def test_upright_squares_are_cut_as_in_prepared_data(square: Square) -> None:
    photo = smooth_photo()
    placement = place_square(square, photo.shape)
    assert placement.side(photo.shape) == pytest.approx(square.side)
    difference = np.abs(cut(photo, placement, 32).astype(int) - cut_photo(photo, square, 32))
    assert difference[1:-1, 1:-1].max() <= 2


def test_masks_are_cut_with_their_photos() -> None:
    mask = (np.mgrid[:90, :120][1] > 50).astype(np.uint8)
    square = Square(20, 10, 72)
    np.testing.assert_array_equal(cut_classes(mask, place_square(square, mask.shape), 32), cut_mask(mask, square, 32))
    assert not cut_classes(np.ones((90, 120), np.uint8), place_square(Square(-200, 0, 100), (90, 120)), 8).any()


def test_beyond_the_edges_pixels_are_repeated() -> None:
    photo = np.full((40, 60, 3), 70, np.uint8)
    assert (cut(photo, place_square(Square(-30, -30, 120), photo.shape), 16) == 70).all()


def test_a_turned_face_lands_on_its_target() -> None:
    """A face that is tilted by 20 degrees and smaller, in a photo that is wider than high."""
    target = toy_landmarks()
    photo_shape = (300, 400, 3)
    turn = 0.4 * np.exp(1j * np.radians(20))
    points = (target[:, 0] + 1j * target[:, 1]) * turn + (0.3 + 0.1j)
    fractions = np.stack([points.real, points.imag * 400 / 300], axis=1)
    placement = place_landmarks(fractions, target, photo_shape)
    assert placement.turn == pytest.approx(turn, abs=1e-5)
    assert placement.corner == pytest.approx(0.3 + 0.1j, abs=1e-5)
    square = placement.to_square(points)
    np.testing.assert_allclose(np.stack([square.real, square.imag], axis=1), target, atol=1e-5)


def test_a_smaller_copy_has_the_same_placement() -> None:
    photo = smooth_photo(128, 128)
    placement = Placement(0.5 + 0.1j, 0.2 + 0.2j)
    small = photo.reshape(64, 2, 64, 2, 3).mean((1, 3)).astype(np.uint8)
    assert np.abs(cut(photo, placement, 16).astype(int) - cut(small, placement, 16)).max() <= 2
