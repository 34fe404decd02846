"""Random colors, shifts, cutouts and warps."""

import numpy as np
import pytest
import torch

from scgan.training.augmentation import color, cutout, shift, warp


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ([1.0, 0.5, 0.5], [[0.9, 0.5], [0.1, 0.5]]),  # brighter by 0.4
        ([0.5, 1.0, 0.5], [[0.82, 0.1], [-0.62, 0.1]]),  # 1.8 times as far from the gray of each pixel, 0.1
        ([0.5, 0.0, 0.5], [[0.18, 0.1], [0.02, 0.1]]),  # 0.2 times
        ([0.5, 0.5, 0.0], [[0.34, 0.1], [-0.14, 0.1]]),  # 0.6 times as far from the mean of the image, 0.1
    ],
)
def test_colors_by_hand(amount: list[float], expected: list[list[float]]) -> None:
    """A red and a gray pixel, strength 0.8: red and blue of both are checked, then the other image of the batch."""
    image = torch.tensor([[0.5, 0.1], [0.1, 0.1], [-0.3, 0.1]])[None, :, None]
    changed = color(torch.cat([image, image]), torch.tensor([amount, [0.5, 0.5, 0.5]]), 0.8)
    torch.testing.assert_close(changed[0, [0, 2], 0], torch.tensor(expected))
    torch.testing.assert_close(changed[1:], image)


def test_colors_are_differentiable() -> None:
    image = torch.rand(2, 3, 4, 4, requires_grad=True)
    color(image, torch.rand(2, 3), 1.0).square().sum().backward()
    assert image.grad is not None and (image.grad != 0).all()


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


def test_warps_by_hand() -> None:
    image = torch.arange(64.0).reshape(1, 1, 8, 8)
    half = torch.full((1, 4), 0.5)
    for mode in ("bicubic", "nearest"):
        torch.testing.assert_close(warp(image, half, 0.5, mode), image, rtol=1e-4, atol=1e-4)
    amount = half.clone()
    amount[0, 2] = 1.0  # by 0.5 of half of the width: two pixels to the left
    moved = warp(image, amount, 0.5, "nearest")[0, 0]
    np.testing.assert_array_equal(moved[:, :6], image[0, 0, :, 2:])
    np.testing.assert_array_equal(moved[:, 6:], image[0, 0, :, 6:].flip(1))  # mirrored at the border
    amount = half.clone()
    amount[0, 0] = 1.0
    np.testing.assert_array_equal(warp(image, amount, np.pi / 2, "nearest")[0, 0], image[0, 0].rot90(1))
    amount = half.clone()
    amount[0, 1] = 1.0
    square = torch.zeros(1, 1, 8, 8)
    square[:, :, 3:5, 3:5] = 1
    larger = torch.zeros(8, 8)
    larger[2:6, 2:6] = 1
    np.testing.assert_array_equal(warp(square, amount, np.log(2), "nearest")[0, 0], larger)
