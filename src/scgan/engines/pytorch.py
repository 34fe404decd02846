"""PyTorch as an engine, on every device, and for the segmentor."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from scgan.networks.layers import fold_upsampling
from scgan.utils.tensors import images_to_tensor, one_hot, tensor_to_images


class PyTorchEngine:
    """Generator in eager PyTorch.

    Args:
        generator: copied.
        class_count: n_s.
        device: where it computes.
    """

    name = "torch"

    def __init__(self, generator: nn.Module, class_count: int, device: str) -> None:
        self._generator = fold_upsampling(generator).to(device)
        self._class_count, self._device = class_count, device
        self._dtype = next(self._generator.parameters()).dtype

    @torch.inference_mode()
    def __call__(
        self, segmentation: NDArray[np.uint8], latent: NDArray[np.float32], attributes: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        """Class indices (N, H, W), latents (N, n_z), attributes (N, n_c) → images, uint8 (N, H, W, 3)."""
        masks = torch.from_numpy(segmentation.astype(np.int64)).to(self._device)
        vectors = (torch.from_numpy(values).to(self._device, self._dtype) for values in (latent, attributes))
        return tensor_to_images(self._generator(one_hot(masks, self._class_count, self._dtype), *vectors))


class PyTorchSegmentor:
    """Segmentor in eager PyTorch.

    Args:
        segmentor: moved to the device.
        device: where it computes.
    """

    def __init__(self, segmentor: nn.Module, device: str) -> None:
        self._segmentor, self._device = segmentor.to(device), torch.device(device)

    @torch.inference_mode()
    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Image, uint8 (H, W, 3) → class indices, uint8 (H, W)."""
        logits = self._segmentor(images_to_tensor(np.array(image)[None], self._device, torch.float32))
        return logits[0].argmax(0).to(torch.uint8).cpu().numpy()
