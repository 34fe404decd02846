"""Networks as exported: bytes in, bytes or probabilities out. Conversion and rounding are part of the network."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ImageGenerator(nn.Module):
    """Generator from class indices to images of bytes.

    Args:
        network: generator of a method.
        class_count: n_s.
    """

    classes: Tensor

    def __init__(self, network: nn.Module, class_count: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("classes", torch.arange(class_count, dtype=torch.int32).view(1, -1, 1, 1))

    def forward(self, segmentation: Tensor, latent: Tensor, attributes: Tensor) -> Tensor:
        """Class indices uint8 (N, H, W), latent (N, n_z), attributes (N, n_c) → images uint8 (N, H, W, 3)."""
        one_hot = (segmentation.to(torch.int32)[:, None] == self.classes).float()
        images = self.network(one_hot, latent, attributes)
        return images.add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


class ImageSegmentor(nn.Module):
    """Segmentor or grader of masks from images of bytes to class indices."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Images uint8 (N, H, W, 3) → class indices uint8 (N, H, W)."""
        return self.network(_in_unit_range(images)).argmax(1).to(torch.uint8)


class ImageClassifier(nn.Module):
    """Grader of attributes from images of bytes to probabilities."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Images uint8 (N, H, W, 3) → probabilities of attributes, float (N, n_c) in [0, 1]."""
        return self.network(_in_unit_range(images)).sigmoid()


def _in_unit_range(images: Tensor) -> Tensor:
    """Convert uint8 (N, H, W, 3) to float (N, 3, H, W) in [-1, 1] (section 5.2)."""
    return images.permute(0, 3, 1, 2).float().div(127.5).sub(1)
