"""Random shifts and cutouts."""

import numpy as np
import torch

from scgan.training.augmentation import cutout, shift


def test_shifts_by_hand() -> None:
    image = torch.arange(32.0 * 32).reshape(1, 1, 32, 32).expand(1, 3, -1, -1)
    moved = shift(image, torch.tensor([[1.0, 0.5]]), 1 / 16)
    np.testing.assert_array_equal(moved[0, 0, :-2], image[0, 0, 2:])  # by 32 / 16 rows
    np.testing.assert_array_equal(moved[0, 0, -1], image[0, 0, -1])  # repeated border
    moved = shift(image, torch.tensor([[0.5, 0.0]]), 1 / 16)
    np.testing.assert_array_equal(moved[0, 0, :, 2:], image[0, 0, :, :-2])


def test_each_image_has_its_own_shift_and_integers_stay_integers() -> None:
    mask = torch.arange(2 * 8 * 8).reshape(2, 1, 8, 8)
    moved = shift(mask, torch.tensor([[0.5, 0.5], [0.0, 1.0]]), 1 / 8)
    assert moved.dtype == torch.int64
    np.testing.assert_array_equal(moved[0], mask[0])
    np.testing.assert_array_equal(moved[1, 0, 1:, :-1], mask[1, 0, :-1, 1:])


def test_cutout_by_hand() -> None:
    images = cutout(torch.ones(2, 1, 8, 8), torch.tensor([[0.5, 0.5], [0.0, 0.999]]), 0.5)
    expected = torch.ones(2, 8, 8)
    expected[0, 2:6, 2:6] = 0
    expected[1, :2, 6:] = 0
    np.testing.assert_array_equal(images[:, 0], expected)
