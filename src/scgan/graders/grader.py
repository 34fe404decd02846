"""Trained graders: images in, what they see in them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scgan.schema import Schema
from scgan.utils.tensors import images_to_tensor

_IMAGES_AT_ONCE = 64


class Grader(NamedTuple):
    """A trained grader.

    Attributes:
        network: UNet; it computes where it is.
        schema: what its classes mean.
        name: how scores call it.
    """

    network: nn.Module
    schema: Schema
    name: str

    @torch.inference_mode()
    def segment(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8 (N, H, W, 3) → the most probable class of each pixel, uint8 (N, H, W)."""
        parts = [logits.argmax(1).to(torch.uint8).numpy() for logits in _logits(self.network, images)]
        return np.concatenate(parts) if parts else np.zeros(images.shape[:3], np.uint8)


class AttributeGrader(NamedTuple):
    """A trained grader of attributes.

    Attributes:
        network: AttributeClassifier; it computes where it is.
        schema: what its attributes mean.
        name: how scores call it.
    """

    network: nn.Module
    schema: Schema
    name: str

    @torch.inference_mode()
    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 (N, H, W, 3) → how probable each attribute is, float32 (N, n_c) in [0, 1]."""
        parts = [logits.sigmoid().numpy() for logits in _logits(self.network, images)]
        return np.concatenate(parts) if parts else np.zeros((0, self.schema.attribute_count), np.float32)


def _logits(network: nn.Module, images: NDArray[np.uint8]) -> Iterator[Tensor]:
    """Of every part of the images, on the CPU."""
    device = next(network.parameters()).device
    for first in range(0, len(images), _IMAGES_AT_ONCE):
        part = images[first : first + _IMAGES_AT_ONCE]
        yield network(images_to_tensor(part, device, torch.float32)).cpu()
