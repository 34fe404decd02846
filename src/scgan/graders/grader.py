"""Trained graders: from images to the masks and attributes that they see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scgan.schema import Schema
from scgan.utils.batching import batches
from scgan.utils.tensors import images_to_tensor

_BATCH_SIZE = 64


class Grader(NamedTuple):
    """Trained grader of masks.

    Attributes:
        network: UNet, on any device.
        schema: names of its classes.
        name: for scores.
    """

    network: nn.Module
    schema: Schema
    name: str

    @torch.inference_mode()
    def segment(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Find the most probable class of each pixel: uint8 (N, H, W, 3) → uint8 (N, H, W)."""
        parts = [logits.argmax(1).to(torch.uint8).numpy() for logits in _logits(self.network, images)]
        return np.concatenate(parts) if parts else np.zeros(images.shape[:3], np.uint8)


class AttributeGrader(NamedTuple):
    """Trained grader of attributes.

    Attributes:
        network: AttributeClassifier, on any device.
        schema: names of its attributes.
        name: for scores.
    """

    network: nn.Module
    schema: Schema
    name: str

    @torch.inference_mode()
    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Compute the probability of each attribute: uint8 (N, H, W, 3) → float32 (N, n_c) in [0, 1]."""
        parts = [logits.sigmoid().numpy() for logits in _logits(self.network, images)]
        return np.concatenate(parts) if parts else np.zeros((0, self.schema.attribute_count), np.float32)


def _logits(network: nn.Module, images: NDArray[np.uint8]) -> Iterator[Tensor]:
    """Yield the logits of each batch of images, on the CPU."""
    device = next(network.parameters()).device
    for part in batches(len(images), _BATCH_SIZE):
        yield network(images_to_tensor(images[part], device, torch.float32)).cpu()
