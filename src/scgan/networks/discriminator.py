"""Discriminator (critic) with an attribute classifier: shared layers, two heads."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from scgan.networks.layers import LEAK, MatmulConv2d, initialize

MAX_CHANNELS = 2048  # the widest layer of Table 2


class DiscriminatorOutput(NamedTuple):
    """Realness and attributes of each image.

    Attributes:
        realness: float, unbounded: (N,), the mean of the 2×2 patch map; on features (N, patches).
        attributes: float (N, n_c), logits.
    """

    realness: Tensor
    attributes: Tensor


class Discriminator(nn.Module):
    """D of Table 2: convolutions of stride 2 down to 2×2, leaky ReLU 0.2, no normalization (section 5.2).

    Args:
        image_size: one of 32, 64, 128, 256.
        attribute_count: n_c; with 0 there is no classification head.
        width: channels of the first layer, doubled at each, at most 2,048.
    """

    def __init__(self, image_size: int, attribute_count: int, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for level in range((image_size // 2).bit_length() - 1):
            out_channels = min(width * 2**level, MAX_CHANNELS)
            on_small_map = channels >= 256 and image_size // 2**level <= 8
            layers.append(
                MatmulConv2d(channels, out_channels) if on_small_map else nn.Conv2d(channels, out_channels, 4, 2, 1)
            )
            layers.append(nn.LeakyReLU(LEAK, inplace=True))
            channels = out_channels
        self.features = nn.Sequential(*layers)
        self.realness = nn.Conv2d(channels, 1, 3, 1, 1)
        self.attributes = nn.Conv2d(channels, attribute_count, 2) if attribute_count else None
        initialize(self)

    def forward(self, image: Tensor) -> DiscriminatorOutput:
        """Float (N, 3, H, H) in [-1, 1] → ``DiscriminatorOutput``."""
        features = self.features(image)
        if self.attributes is None:
            attributes = features.new_zeros(len(features), 0)
        else:
            attributes = self.attributes(features).flatten(1)
        # Under mixed precision the features are 16-bit floats; the losses need full precision.
        return DiscriminatorOutput(self.realness(features).to(image.dtype).mean((1, 2, 3)), attributes.to(image.dtype))
