"""Networks of SPADE: published sizes, all sizes, norms."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn

from networks_by_hand import convolution_size, parameter_count, random_masks
from scgan.networks.spade import MultiScaleDiscriminator, SpadeGenerator, SpatiallyAdaptiveNorm


def spade_by_hand(classes: int, latent: int) -> int:
    """Appendix A, Figures 10–12, at 256×256 with 128 channels between segmentation and scale."""

    def spatially_adaptive_norm(channels: int) -> int:
        return convolution_size(classes, 128, 3, bias=True) + 2 * convolution_size(128, channels, 3, bias=True)

    total = latent * 16384 + 16384  # Linear(256, 16384)
    widths = [1024, 1024, 1024, 1024, 512, 256, 128, 64]
    for inputs, outputs in pairwise(widths):
        total += spatially_adaptive_norm(inputs) + convolution_size(inputs, outputs, 3, bias=True)
        total += spatially_adaptive_norm(outputs) + convolution_size(outputs, outputs, 3, bias=True)
        if inputs != outputs:
            total += spatially_adaptive_norm(inputs) + convolution_size(inputs, outputs, 1)
    return total + convolution_size(64, 3, 3, bias=True)


@pytest.mark.parametrize(("classes", "millions"), [(151, 96.5), (184, 97.5)])
def test_spade_generator_has_the_published_size(classes: int, millions: float) -> None:
    with torch.device("meta"):
        network = SpadeGenerator(256, classes, 256, 64)
        image = network(torch.empty(2, classes, 256, 256), torch.empty(2, 256), torch.empty(2, 0))
    assert image.shape == (2, 3, 256, 256)
    assert parameter_count(network) == spade_by_hand(classes, 256)
    # The published 96.5 million (ADE20K) and 97.5 million (COCO-Stuff) begin with a 3×3 convolution of the segmentation
    # in place of the linear layer of the latent.
    published = parameter_count(network) - (256 * 16384 + 16384) + convolution_size(classes, 1024, 3, bias=True)
    assert published / 1e6 == pytest.approx(millions, abs=0.05)


def test_spade_discriminator_has_the_published_size() -> None:
    with torch.device("meta"):
        network = MultiScaleDiscriminator(151 + 3, 64, 2)
        scales = network(torch.empty(1, 154, 256, 256))
    assert [len(features) for features in scales] == [5, 5]
    assert [tuple(features[-1].shape) for features in scales] == [(1, 1, 35, 35), (1, 1, 19, 19)]
    by_hand = convolution_size(154, 64, 4, bias=True) + convolution_size(512, 1, 4, bias=True)
    by_hand += sum(convolution_size(i, 2 * i, 4) for i in (64, 128, 256))
    assert parameter_count(network) == 2 * by_hand
    assert parameter_count(network) / 1e6 == pytest.approx(5.8, abs=0.05)


def test_spatially_adaptive_norm_by_its_formula() -> None:
    layer = SpatiallyAdaptiveNorm(2, 3, 4)
    features, mask = torch.randn(5, 2, 8, 8), random_masks(5, 3, 32)
    resized = mask[:, :, ::4, ::4]
    scale, shift = layer.scale_and_shift(layer.shared(resized).relu()).chunk(2, 1)
    mean = features.mean((0, 2, 3), keepdim=True)
    variance = features.var((0, 2, 3), correction=0, keepdim=True)
    expected = (features - mean) / (variance + 1e-5).sqrt() * (1 + scale) + shift
    torch.testing.assert_close(layer(features, mask), expected)


def test_spectral_norm_bounds_every_convolution_of_the_discriminator() -> None:
    network = MultiScaleDiscriminator(5, 4, 1)
    network(torch.randn(1, 5, 32, 32))
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 5
    for module in convolutions:
        assert torch.linalg.matrix_norm(module.weight.flatten(1), 2).item() == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("size", [32, 64, 128])
def test_every_size(size: int) -> None:
    image = SpadeGenerator(size, 4, 8, 2)(random_masks(2, 4, size), torch.randn(2, 8), torch.rand(2, 3))
    assert image.shape == (2, 3, size, size)
    assert -1 <= image.min() < image.max() <= 1
    for features in MultiScaleDiscriminator(3, 2, 2)(image):
        assert features[-1].shape[:2] == (2, 1)
