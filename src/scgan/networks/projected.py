"""Discriminator on frozen features of a pretrained classifier (Projected GAN, Sauer et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import gcd

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from scgan.networks.discriminator import DiscriminatorOutput
from scgan.networks.layers import LEAK, initialize
from scgan.networks.pretrained import FrozenScales

_MAX_GROUPS = 8  # of a group norm


class ProjectedDiscriminator(nn.Module):
    """Small discriminators, one for each scale of frozen and randomly mixed features (section 3, figure 1).

    It differs from the paper so that it serves small images and processors. Images are not enlarged to 224×224, and the
    scales have the strides 2, 4, 8 and 16 in place of 4 to 32. Group norms replace batch norms, so that no image
    depends on the others of its batch. All scales end at the last one's size, so that each has as many patches.

    The attributes have a classifier of their own on the features of stride 16, before the mixing.

    Args:
        attribute_count: n_c; with 0 there is no classifier.
        width: channels of the finest scale, doubled at each further one.
        sees_image: one more small discriminator sees the image itself: features leave out fine details, which a
            discriminator of images beside those of features judges (Kumari et al. 2022, section 3.1).

    Raises:
        UserError: the extra ``eval`` is not installed.
    """

    def __init__(self, attribute_count: int, width: int, sees_image: bool = False) -> None:
        super().__init__()
        self.frozen = FrozenScales(0)
        widths = [width * 2**scale for scale in range(len(self.frozen.channels))]
        self.mixing = RandomMixing(self.frozen.channels, widths)
        self.heads = nn.ModuleList(_head(widths[scale:]) for scale in range(len(widths)))
        self.image_head = _head([3, *widths]) if sees_image else None
        self.attributes = _classifier(self.frozen.channels[-1], 4 * width, attribute_count) if attribute_count else None

    def forward(self, image: Tensor) -> DiscriminatorOutput:
        """Float (N, 3, H, H) in [-1, 1] → realness of patches, (H / 16)² for each head, and attributes (N, n_c)."""
        scales = self.frozen(image)
        patches = [head(mixed).flatten(1) for head, mixed in zip(self.heads, self.mixing(scales), strict=True)]
        if self.image_head is not None:
            patches.append(self.image_head(image).flatten(1))
        attributes = image.new_zeros(len(image), 0) if self.attributes is None else self.attributes(scales[-1])
        # Under mixed precision the features are 16-bit floats; the losses need full precision.
        return DiscriminatorOutput(torch.cat(patches, 1).to(image.dtype), attributes.to(image.dtype))


class RandomMixing(nn.Module):
    """Random, frozen mixing of channels within each scale, and from coarse scales into finer ones (section 3.2).

    It keeps the heads from relying on few of the features. The convolutions are 1×1, as in the published code. They are
    buffers: checkpoints hold them, and no optimizer trains them.

    Args:
        inputs: channels of each scale, the finest first.
        outputs: channels after the mixing.
    """

    def __init__(self, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        super().__init__()
        for scale, (inside, outside) in enumerate(zip(inputs, outputs, strict=True)):
            self.register_buffer(f"within_{scale}", _random_weight(inside, outside))
        for scale in range(len(outputs) - 1):
            self.register_buffer(f"across_{scale}", _random_weight(outputs[scale + 1], outputs[scale]))

    def forward(self, scales: Sequence[Tensor]) -> list[Tensor]:
        """Features (N, C, h, h), each of half the size of the one before → the same sizes with other channels."""
        mixed = [F.conv2d(features, self.get_buffer(f"within_{scale}")) for scale, features in enumerate(scales)]
        for scale in reversed(range(len(mixed) - 1)):
            coarse = F.conv2d(mixed[scale + 1], self.get_buffer(f"across_{scale}"))  # before enlarging: a quarter
            mixed[scale] = mixed[scale] + F.interpolate(coarse, scale_factor=2.0, mode="bilinear")
        return mixed


def _random_weight(inputs: int, outputs: int) -> Tensor:
    """Draw the weight of a 1×1 convolution that keeps the variance."""
    return torch.randn(outputs, inputs, 1, 1) * inputs**-0.5


def _head(widths: Sequence[int]) -> nn.Sequential:
    """Build a discriminator of features with ``widths[0]`` channels, halved in size down to the last scale."""
    convolutions = [nn.Conv2d(i, o, 4, 2, 1, bias=False) for i, o in pairwise(widths)]
    convolutions = convolutions or [nn.Conv2d(widths[0], widths[0], 3, 1, 1, bias=False)]
    layers: list[nn.Module] = []
    for convolution in convolutions:
        layers += [convolution, _group_norm(convolution.out_channels), nn.LeakyReLU(LEAK, inplace=True)]
    head = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 3, 1, 1))
    initialize(head)
    for layer in head:
        if isinstance(layer, nn.Conv2d):
            spectral_norm(layer)
    return head


def _group_norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(gcd(_MAX_GROUPS, channels), channels)


def _classifier(inputs: int, width: int, attribute_count: int) -> nn.Sequential:
    """Build a classifier of frozen features, whose values are large: hence the norm before all else."""
    classifier = nn.Sequential(
        _group_norm(inputs),
        nn.Conv2d(inputs, width, 3, 1, 1),
        nn.LeakyReLU(LEAK, inplace=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(width, attribute_count),
    )
    initialize(classifier)
    return classifier
