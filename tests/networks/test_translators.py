"""Networks of Pix2Pix and CycleGAN: published sizes, all sizes, dropout."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn

from networks_by_hand import convolution_size, parameter_count, random_masks
from scgan.networks.translators import PatchDiscriminator, ResNetTranslator, UNetTranslator, dropout_mask


def test_pix2pix_generator_has_54_4_million_parameters() -> None:
    with torch.device("meta"):
        network = UNetTranslator(256, 3, 3, 64)
        image = network(torch.empty(1, 3, 256, 256), torch.zeros(1, 4, device="cpu"), torch.empty(1, 0))
    assert image.shape == (1, 3, 256, 256)
    # Section 6.1.1: C64-C128-C256-C512-C512-C512-C512-C512, then the decoder's inputs doubled by the skip connections.
    encoder = [3, 64, 128, 256, 512, 512, 512, 512, 512]
    decoder_inputs = [512, 1024, 1024, 1024, 1024, 512, 256, 128]
    decoder = [512, 512, 512, 512, 256, 128, 64, 3]
    by_hand = sum(convolution_size(i, o, 4) for i, o in pairwise(encoder))
    by_hand += sum(convolution_size(i, o, 4) for i, o in zip(decoder_inputs, decoder, strict=True))
    norms = [128, 256, 512, 512, 512, 512, *decoder[:-1]]
    by_hand += 2 * sum(norms) + (64 + 512 + 3)  # scale and shift; biases of the first, the innermost and the last
    assert parameter_count(network) == by_hand
    assert by_hand / 1e6 == pytest.approx(54.4, abs=0.05)


def test_cyclegan_generator_has_11_4_million_parameters() -> None:
    with torch.device("meta"):
        network = ResNetTranslator(9, 64)
        assert network(torch.empty(1, 3, 256, 256)).shape == (1, 3, 256, 256)
    resampling = [(3, 64, 7), (64, 128, 3), (128, 256, 3), (256, 128, 3), (128, 64, 3)]
    by_hand = sum(convolution_size(i, o, k) + 2 * o for i, o, k in resampling)
    by_hand += 9 * 2 * (convolution_size(256, 256, 3) + 2 * 256)
    by_hand += convolution_size(64, 3, 7, bias=True)
    assert parameter_count(network) == by_hand == 11_383_427


def test_patch_discriminator_sees_70_by_70_pixels_with_2_8_million_parameters() -> None:
    with torch.device("meta"):
        network = PatchDiscriminator(6, 64)
        assert network(torch.empty(1, 6, 256, 256)).shape == (1, 1, 30, 30)
    by_hand = convolution_size(6, 64, 4, bias=True) + convolution_size(512, 1, 4, bias=True)
    by_hand += sum(convolution_size(i, 2 * i, 4) + 2 * 2 * i for i in (64, 128, 256))
    assert parameter_count(network) == by_hand == 2_768_705

    field = 1
    for stride in (1, 1, 2, 2, 2):  # from the last layer back
        field = field * stride + (4 - stride)
    assert field == 70


def test_the_gradient_of_one_patch_reaches_70_by_70_pixels() -> None:
    network = PatchDiscriminator(3, 2)
    for module in network.modules():
        if isinstance(module, nn.GroupNorm):
            module.forward = lambda features: features  # type: ignore[method-assign]  # a norm depends on the whole image
    image = torch.zeros(1, 3, 256, 256, requires_grad=True)
    network(image)[0, 0, 15, 15].backward()
    assert image.grad is not None
    touched = image.grad[0].abs().sum(0).nonzero()
    assert (touched.max(0).values - touched.min(0).values + 1).tolist() == [70, 70]


def test_the_latent_of_each_item_decides_its_dropout() -> None:
    network = UNetTranslator(32, 4, 3, 4).eval()
    mask = random_masks(1, 4, 32).expand(3, -1, -1, -1)
    latent = torch.randn(3, 8)
    latent[2] = latent[0]
    images = network(mask, latent, torch.empty(3, 0))
    torch.testing.assert_close(images[0], images[2])
    assert not torch.allclose(images[0], images[1])
    torch.testing.assert_close(network(mask[:1], latent[1:2], torch.empty(1, 0))[0], images[1], atol=1e-5, rtol=1e-4)


def test_dropout_is_fair_and_independent_between_items_and_layers() -> None:
    latent = torch.randn(64, 8)
    one, other = (dropout_mask(latent, name, torch.empty(64, 32, 4, 4)) for name in ("one", "other"))
    assert set(one.unique().tolist()) == {0, 1}
    assert one.mean().item() == pytest.approx(0.5, abs=0.01)
    assert (one * other).mean().item() == pytest.approx(0.25, abs=0.01)
    assert (one[:-1] * one[1:]).mean().item() == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("size", [32, 64, 128])
def test_every_size(size: int) -> None:
    image = UNetTranslator(size, 4, 3, 2)(random_masks(2, 4, size), torch.randn(2, 8), torch.rand(2, 3))
    assert image.shape == (2, 3, size, size)
    assert -1 <= image.min() < image.max() <= 1
    assert ResNetTranslator(1, 2)(image).shape == image.shape
    assert PatchDiscriminator(3, 2)(image).shape == (2, 1, size // 8 - 2, size // 8 - 2)
