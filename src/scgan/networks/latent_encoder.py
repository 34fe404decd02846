"""Encoder that is trained with a generator: from a photo to the latent with which the generator makes it again."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scgan.networks.layers import LEAK, initialize

_SMALLEST = 4  # height of the last features


class LatentEncoder(nn.Module):
    """Convolutions of stride 2 down to 4×4, and a linear layer, without norms over the batch (Zhu et al. 2017b).

    Args:
        image_size: H, a power of 2 from 8.
        latent_size: n_z.
        width: channels of the first layer, doubled at each, at most 8 times as many.
    """

    def __init__(self, image_size: int, latent_size: int, width: int) -> None:
        super().__init__()
        widths = [width * min(2**level, 8) for level in range((image_size // _SMALLEST).bit_length() - 1)]
        layers: list[nn.Module] = []
        for inputs, outputs in zip([3, *widths], widths, strict=False):
            layers += [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.LeakyReLU(LEAK, inplace=True)]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * _SMALLEST**2, latent_size))
        initialize(self)

    def forward(self, image: Tensor) -> Tensor:
        """Float (N, 3, H, H) in [-1, 1] → latents (N, n_z), whose numbers have a mean square of 1."""
        return normalized(self.layers(image).to(image.dtype))


def normalized(latent: Tensor) -> Tensor:
    """Latents (N, n_z) scaled to a mean square of 1, that of normal numbers; an uncertain latent would be near 0."""
    mean_square: Tensor = latent.square().mean(1, keepdim=True)
    return latent * torch.rsqrt(mean_square + 1e-8)
