"""The networks of the compared methods: their sizes as published at 256, their shapes at every size, their noise."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from scgan.networks.generator import LatentGenerator, ReversedGenerator, StepByStepGenerator
from scgan.networks.spade import MultiScaleDiscriminator, SpadeGenerator, SpatiallyAdaptiveNorm
from scgan.networks.translators import PatchDiscriminator, ResNetTranslator, UNetTranslator, dropout_mask
from scgan.utils.tensors import one_hot


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def convolution(inputs: int, outputs: int, kernel: int, bias: bool = False) -> int:
    return inputs * outputs * kernel**2 + bias * outputs


def masks(count: int, classes: int, size: int) -> Tensor:
    coarse = torch.randint(classes, (count, 4, 4))
    return one_hot(coarse.repeat_interleave(size // 4, 1).repeat_interleave(size // 4, 2), classes, torch.float32)


def test_pix2pix_generator_has_54_4_million_parameters() -> None:
    with torch.device("meta"):
        network = UNetTranslator(256, 3, 3, 64)
        image = network(torch.empty(1, 3, 256, 256), torch.zeros(1, 4, device="cpu"), torch.empty(1, 0))
    assert image.shape == (1, 3, 256, 256)
    # Section 6.1.1: C64-C128-C256-C512-C512-C512-C512-C512, then the decoder's inputs doubled by the skip connections.
    encoder = [3, 64, 128, 256, 512, 512, 512, 512, 512]
    decoder_inputs = [512, 1024, 1024, 1024, 1024, 512, 256, 128]
    decoder = [512, 512, 512, 512, 256, 128, 64, 3]
    by_hand = sum(convolution(i, o, 4) for i, o in pairwise(encoder))
    by_hand += sum(convolution(i, o, 4) for i, o in zip(decoder_inputs, decoder, strict=True))
    norms = [128, 256, 512, 512, 512, 512, *decoder[:-1]]
    by_hand += 2 * sum(norms) + (64 + 512 + 3)  # scale and shift; biases of the first, the innermost and the last
    assert parameters(network) == by_hand
    assert by_hand / 1e6 == pytest.approx(54.4, abs=0.05)


def test_cyclegan_generator_has_11_4_million_parameters() -> None:
    with torch.device("meta"):
        network = ResNetTranslator(9, 64)
        assert network(torch.empty(1, 3, 256, 256)).shape == (1, 3, 256, 256)
    resampling = [(3, 64, 7), (64, 128, 3), (128, 256, 3), (256, 128, 3), (128, 64, 3)]
    by_hand = sum(convolution(i, o, k) + 2 * o for i, o, k in resampling)
    by_hand += 9 * 2 * (convolution(256, 256, 3) + 2 * 256)
    by_hand += convolution(64, 3, 7, bias=True)
    assert parameters(network) == by_hand == 11_383_427


def test_patch_discriminator_sees_70_by_70_pixels_with_2_8_million_parameters() -> None:
    with torch.device("meta"):
        network = PatchDiscriminator(6, 64)
        assert network(torch.empty(1, 6, 256, 256)).shape == (1, 1, 30, 30)
    by_hand = convolution(6, 64, 4, bias=True) + convolution(512, 1, 4, bias=True)
    by_hand += sum(convolution(i, 2 * i, 4) + 2 * 2 * i for i in (64, 128, 256))
    assert parameters(network) == by_hand == 2_768_705

    field = 1
    for stride in (1, 1, 2, 2, 2):  # from the last layer back
        field = field * stride + (4 - stride)
    assert field == 70


def test_the_gradient_of_one_patch_reaches_70_by_70_pixels() -> None:
    network = PatchDiscriminator(3, 2)
    for module in network.modules():
        if isinstance(module, nn.InstanceNorm2d):
            module.forward = lambda features: features  # type: ignore[method-assign]  # a norm sees the whole picture
    picture = torch.zeros(1, 3, 256, 256, requires_grad=True)
    network(picture)[0, 0, 15, 15].backward()
    assert picture.grad is not None
    touched = picture.grad[0].abs().sum(0).nonzero()
    assert (touched.max(0).values - touched.min(0).values + 1).tolist() == [70, 70]


def spade_by_hand(classes: int, latent: int) -> int:
    """Appendix A, Figures 10–12, at 256×256 with 128 channels between segmentation and scale."""

    def spatially_adaptive_norm(channels: int) -> int:
        return convolution(classes, 128, 3, bias=True) + 2 * convolution(128, channels, 3, bias=True)

    total = latent * 16384 + 16384  # Linear(256, 16384)
    widths = [1024, 1024, 1024, 1024, 512, 256, 128, 64]
    for inputs, outputs in pairwise(widths):
        total += spatially_adaptive_norm(inputs) + convolution(inputs, outputs, 3, bias=True)
        total += spatially_adaptive_norm(outputs) + convolution(outputs, outputs, 3, bias=True)
        if inputs != outputs:
            total += spatially_adaptive_norm(inputs) + convolution(inputs, outputs, 1)
    return total + convolution(64, 3, 3, bias=True)


@pytest.mark.parametrize(("classes", "millions"), [(151, 96.5), (184, 97.5)])
def test_spade_generator_has_the_published_size(classes: int, millions: float) -> None:
    with torch.device("meta"):
        network = SpadeGenerator(256, classes, 256, 64)
        image = network(torch.empty(2, classes, 256, 256), torch.empty(2, 256), torch.empty(2, 0))
    assert image.shape == (2, 3, 256, 256)
    assert parameters(network) == spade_by_hand(classes, 256)
    # The published 96.5 million (ADE20K) and 97.5 million (COCO-Stuff) begin with a 3×3 convolution of the segmentation
    # in place of the linear layer of the latent.
    published = parameters(network) - (256 * 16384 + 16384) + convolution(classes, 1024, 3, bias=True)
    assert published / 1e6 == pytest.approx(millions, abs=0.05)


def test_spade_discriminator_has_the_published_size() -> None:
    with torch.device("meta"):
        network = MultiScaleDiscriminator(151 + 3, 64, 2)
        scales = network(torch.empty(1, 154, 256, 256))
    assert [len(features) for features in scales] == [5, 5]
    assert [tuple(features[-1].shape) for features in scales] == [(1, 1, 35, 35), (1, 1, 19, 19)]
    by_hand = convolution(154, 64, 4, bias=True) + convolution(512, 1, 4, bias=True)
    by_hand += sum(convolution(i, 2 * i, 4) for i in (64, 128, 256))
    assert parameters(network) == 2 * by_hand
    assert parameters(network) / 1e6 == pytest.approx(5.8, abs=0.05)


@pytest.mark.parametrize("size", [32, 64, 128])
def test_every_size(size: int) -> None:
    segmentation, latent, attributes = masks(2, 4, size), torch.randn(2, 8), torch.rand(2, 3)
    generators: list[nn.Module] = [
        UNetTranslator(size, 4, 3, 2),
        SpadeGenerator(size, 4, 8, 2),
        LatentGenerator(size, 0, 8, 2),
        LatentGenerator(size, 3, 8, 2),
        ReversedGenerator(size, 4, 3, 8, 2),
    ]
    for generator in generators:
        image = generator(segmentation, latent, attributes)
        assert image.shape == (2, 3, size, size)
        assert -1 <= image.min() < image.max() <= 1
    image = torch.rand(2, 3, size, size) * 2 - 1
    assert ResNetTranslator(1, 2)(image).shape == image.shape
    assert PatchDiscriminator(3, 2)(image).shape == (2, 1, size // 8 - 2, size // 8 - 2)
    for features in MultiScaleDiscriminator(3, 2, 2)(image):
        assert features[-1].shape[:2] == (2, 1)


def test_the_latent_decides_what_the_unet_drops_for_each_item_alone() -> None:
    network = UNetTranslator(32, 4, 3, 4).eval()
    mask = masks(1, 4, 32).expand(3, -1, -1, -1)
    latent = torch.randn(3, 8)
    latent[2] = latent[0]
    images = network(mask, latent, torch.empty(3, 0))
    torch.testing.assert_close(images[0], images[2])
    assert not torch.allclose(images[0], images[1])
    torch.testing.assert_close(network(mask[:1], latent[1:2], torch.empty(1, 0))[0], images[1], atol=1e-5, rtol=1e-4)


def test_coins_are_fair_and_independent_between_items_and_layers() -> None:
    latent = torch.randn(64, 8)
    one, other = (dropout_mask(latent, name, torch.empty(64, 32, 4, 4)) for name in ("one", "other"))
    assert set(one.unique().tolist()) == {0, 1}
    assert one.mean().item() == pytest.approx(0.5, abs=0.01)
    assert (one * other).mean().item() == pytest.approx(0.25, abs=0.01)
    assert (one[:-1] * one[1:]).mean().item() == pytest.approx(0.25, abs=0.01)


def test_spatially_adaptive_norm_by_its_formula() -> None:
    layer = SpatiallyAdaptiveNorm(2, 3, 4)
    features, mask = torch.randn(5, 2, 8, 8), masks(5, 3, 32)
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


@pytest.mark.parametrize(("size", "join"), [(32, 16), (64, 16), (128, 32)])
def test_the_reversed_order_brings_the_mask_late(size: int, join: int) -> None:
    generator = ReversedGenerator(size, 4, 3, 8, 2)
    assert generator.join_size == join
    outputs: list[Tensor] = []
    for block in generator.blocks:
        block.register_forward_hook(lambda module, inputs, output: outputs.append(output))
    latent, attributes = torch.randn(1, 8), torch.rand(1, 3)
    for _ in range(2):
        generator(masks(1, 4, size), latent, attributes)
    ones, others = outputs[: len(outputs) // 2], outputs[len(outputs) // 2 :]
    for one, other in zip(ones, others, strict=True):
        assert torch.allclose(one, other) == (one.shape[2] <= join)
    assert ones[0].shape[2] <= join  # there is such a block at every size


def test_the_reversed_order_has_a_shorter_way_for_the_mask_and_so_fewer_parameters() -> None:
    with torch.device("meta"):
        orders = [parameters(kind(128, 7, 5, 512, 64)) for kind in (StepByStepGenerator, ReversedGenerator)]
    assert [round(count / 1e6, 1) for count in orders] == [12.7, 7.6]
