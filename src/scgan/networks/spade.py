"""Networks of SPADE (Park et al. 2019, appendix A): spatially adaptive norms, discriminators at several scales."""

from __future__ import annotations

from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from scgan.networks.layers import LEAK

_FIRST_SIZE = 4  # height and width of the first features
_MAX_WIDTHS = 16  # channels of the widest features, as a multiple of the width

_Layer = TypeVar("_Layer", nn.Conv2d, nn.Linear)


class SpatiallyAdaptiveNorm(nn.Module):
    """Batch norm with a scale and shift for each pixel, computed from the segmentation (equation 1, Figure 10).

    Args:
        channels: of the features.
        class_count: n_s.
        hidden: channels between segmentation and scale; 128 in the paper.
    """

    def __init__(self, channels: int, class_count: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.shared = _glorot(nn.Conv2d(class_count, hidden, 3, 1, 1))
        self.scale_and_shift = _glorot(nn.Conv2d(hidden, 2 * channels, 3, 1, 1))

    def forward(self, features: Tensor, segmentation: Tensor) -> Tensor:
        """Features (N, C, h, w), one-hot (N, n_s, H, W) → (N, C, h, w)."""
        resized = F.interpolate(segmentation, features.shape[2:], mode="nearest")
        scale, shift = self.scale_and_shift(F.relu(self.shared(resized))).chunk(2, 1)
        return self.norm(features) * (1 + scale) + shift


class SpadeBlock(nn.Module):
    """SPADE ResBlk (Figure 11): norm, leaky ReLU, conv3, twice, plus the input or its 1×1 shortcut."""

    def __init__(self, in_channels: int, out_channels: int, class_count: int, hidden: int) -> None:
        super().__init__()
        self.first_norm = SpatiallyAdaptiveNorm(in_channels, class_count, hidden)
        self.first = _spectral(nn.Conv2d(in_channels, out_channels, 3, 1, 1))
        self.second_norm = SpatiallyAdaptiveNorm(out_channels, class_count, hidden)
        self.second = _spectral(nn.Conv2d(out_channels, out_channels, 3, 1, 1))
        self.changes_channels = in_channels != out_channels
        if self.changes_channels:
            self.shortcut_norm = SpatiallyAdaptiveNorm(in_channels, class_count, hidden)
            self.shortcut = _spectral(nn.Conv2d(in_channels, out_channels, 1, bias=False))

    def forward(self, features: Tensor, segmentation: Tensor) -> Tensor:
        """Features (N, in, h, w), one-hot (N, n_s, H, W) → (N, out, h, w)."""
        main = self.first(F.leaky_relu(self.first_norm(features, segmentation), LEAK))
        main = self.second(F.leaky_relu(self.second_norm(main, segmentation), LEAK))
        if self.changes_channels:
            features = self.shortcut(self.shortcut_norm(features, segmentation))
        return features + main


class SpadeGenerator(nn.Module):
    """Generator of Figure 12, from a latent: a linear layer to 4×4, then blocks with upsampling ×2 between them.

    At 256×256 the blocks have 1024, 1024, 1024, 512, 256, 128 and 64 channels; smaller images leave out the first.

    Args:
        image_size: H, a power of 2 from 8.
        class_count: n_s.
        latent_size: n_z; 256 in the paper.
        width: 64 in the paper.
    """

    def __init__(self, image_size: int, class_count: int, latent_size: int, width: int) -> None:
        super().__init__()
        count = (image_size // _FIRST_SIZE).bit_length()
        widths = [width * min(2**level, _MAX_WIDTHS) for level in reversed(range(count))]
        self.start = _glorot(nn.Linear(latent_size, widths[0] * _FIRST_SIZE**2))
        self.blocks = nn.ModuleList(
            SpadeBlock(inputs, outputs, class_count, hidden=2 * width)
            for inputs, outputs in zip([widths[0], *widths], widths, strict=False)
        )
        self.to_image = _glorot(nn.Conv2d(widths[-1], 3, 3, 1, 1))

    def forward(self, segmentation: Tensor, latent: Tensor, attributes: Tensor) -> Tensor:
        """One-hot (N, n_s, H, H), latent (N, n_z) → image (N, 3, H, H) in [-1, 1]; attributes are not used."""
        features = self.start(latent).unflatten(1, (-1, _FIRST_SIZE, _FIRST_SIZE))
        for level, block in enumerate(self.blocks):
            if level:
                features = F.interpolate(features, scale_factor=2, mode="nearest")
            features = block(features, segmentation)
        return torch.tanh(self.to_image(F.leaky_relu(features, LEAK)).to(latent.dtype))


class MultiScaleDiscriminator(nn.Module):
    """PatchGANs of equal architecture (Figure 13); each sees half the size of the one before.

    Args:
        in_channels: of the concatenated segmentation and image.
        width: 64 in the paper.
        scales: 2 in the published code.
    """

    def __init__(self, in_channels: int, width: int, scales: int) -> None:
        super().__init__()
        self.scales = nn.ModuleList(_PatchFeatures(in_channels, width) for _ in range(scales))

    def forward(self, image: Tensor) -> list[list[Tensor]]:
        """(N, in_channels, H, W) → for each scale the features of every layer; the last ones are realness (N, 1, …)."""
        features = []
        for scale in self.scales:
            features.append(scale(image))
            image = F.avg_pool2d(image, 3, 2, 1, count_include_pad=False)
        return features


class _PatchFeatures(nn.Module):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        activation = nn.LeakyReLU(LEAK)
        layers: list[nn.Module] = [nn.Sequential(_spectral(nn.Conv2d(in_channels, width, 4, 2, 2)), activation)]
        for inputs, stride in ((width, 2), (2 * width, 2), (4 * width, 1)):
            convolution = _spectral(nn.Conv2d(inputs, 2 * inputs, 4, stride, 2, bias=False))
            layers.append(nn.Sequential(convolution, nn.InstanceNorm2d(2 * inputs), activation))
        layers.append(_spectral(nn.Conv2d(8 * width, 1, 4, 1, 2)))
        self.layers = nn.ModuleList(layers)

    def forward(self, image: Tensor) -> list[Tensor]:
        features = [image]
        for layer in self.layers:
            features.append(layer(features[-1]))
        return [value.to(image.dtype) for value in features[1:]]


def _glorot(module: _Layer) -> _Layer:
    """Draw weights as Glorot does (section 4), with the gain of the published code; set the bias to 0."""
    nn.init.xavier_normal_(module.weight, gain=0.02)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def _spectral(convolution: nn.Conv2d) -> nn.Conv2d:
    """Add spectral norm (section 4) after drawing the weights: with it, the weight is a computed value."""
    spectral_norm(_glorot(convolution))  # in place
    return convolution
