"""Conversion of images and segmentations between NumPy arrays and tensors, and copies to a device."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_device(values: Tensor, device: torch.device) -> Tensor:
    """Copy a tensor from the CPU; to a GPU through pinned memory, so that the CPU does not wait for the copy."""
    if device.type == "cuda":
        return values.pin_memory().to(device, non_blocking=True)
    return values.to(device)


def images_to_tensor(images: NDArray[np.uint8], device: torch.device, dtype: torch.dtype) -> Tensor:
    """Convert images: uint8 (N, H, W, 3) → float (N, 3, H, W) in [-1, 1] (section 5.2)."""
    return to_device(torch.from_numpy(images), device).permute(0, 3, 1, 2).to(dtype).div_(127.5).sub_(1)


def tensor_to_images(images: Tensor) -> NDArray[np.uint8]:
    """Convert images: float (N, 3, H, W) in [-1, 1] → uint8 (N, H, W, 3)."""
    return images.float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def one_hot(segmentation: Tensor, class_count: int, dtype: torch.dtype) -> Tensor:
    """Encode class indices: int64 (N, H, W) → ``dtype`` (N, class_count, H, W)."""
    channels = torch.zeros(
        len(segmentation), class_count, *segmentation.shape[1:], device=segmentation.device, dtype=dtype
    )
    return channels.scatter_(1, segmentation[:, None], 1)
