"""Conversion between NumPy arrays and tensors."""

from __future__ import annotations

import numpy as np
import torch

from scgan.utils.tensors import images_to_tensor, one_hot, tensor_to_images


def test_images_to_tensors_and_back() -> None:
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(3, 3)
    tensor = images_to_tensor(images, torch.device("cpu"), torch.float32)
    assert tensor.shape == (1, 3, 16, 16)
    assert tensor[0, 0, 0, 0] == -1 and tensor[0, 0, 15, 15] == 1
    np.testing.assert_array_equal(tensor_to_images(tensor), images)
    assert tensor_to_images(torch.tensor([-1.5, 0.0, 1.5]).view(1, 3, 1, 1)).tolist() == [[[[0, 128, 255]]]]


def test_one_hot_by_hand() -> None:
    channels = one_hot(torch.tensor([[[0, 2], [1, 2]]]), 3, torch.float64)
    assert channels.dtype == torch.float64
    assert channels.tolist() == [[[[1, 0], [0, 0]], [[0, 0], [1, 0]], [[0, 1], [0, 1]]]]
