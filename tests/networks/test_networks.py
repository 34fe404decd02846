"""The networks at every size; what reaches the generated picture, and what cannot."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from scgan.networks.discriminator import Discriminator
from scgan.networks.generator import StepByStepGenerator
from scgan.networks.segmentor import Segmentor
from scgan.networks.unet import UNet
from scgan.utils.tensors import one_hot


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def masks(count: int, classes: int, size: int) -> Tensor:
    coarse = torch.randint(classes, (count, 4, 4))
    fine = coarse.repeat_interleave(size // 4, 1).repeat_interleave(size // 4, 2)
    return one_hot(fine, classes, torch.float32)


@pytest.mark.parametrize(
    ("size", "width", "classes", "attributes", "latent"),
    [(32, 4, 2, 0, 1), (32, 6, 7, 5, 16), (64, 4, 7, 1, 8), (128, 3, 4, 17, 8), (256, 2, 19, 5, 8)],
)
def test_every_size(size: int, width: int, classes: int, attributes: int, latent: int) -> None:
    generator = StepByStepGenerator(size, classes, attributes, latent, width)
    image = generator(masks(2, classes, size), torch.randn(2, latent), torch.rand(2, attributes))
    assert image.shape == (2, 3, size, size)
    assert -1 <= image.min() < image.max() <= 1
    assert image.std() > 0.05

    verdict = Discriminator(size, attributes, width)(image)
    assert verdict.realness.shape == (2,) and verdict.attributes.shape == (2, attributes)
    assert Segmentor(classes, width + width % 2)(image).shape == (2, classes, size, size)
    assert UNet(classes, width)(image).shape == (2, classes, size, size)


@pytest.mark.parametrize(("size", "channels"), [(32, 256), (64, 512), (128, 1024), (256, 2048)])
def test_the_discriminator_ends_at_2_by_2_with_at_most_2048_channels(size: int, channels: int) -> None:
    with torch.device("meta"):
        for width, widest in ((32, channels), (64, min(2 * channels, 2048))):
            features = Discriminator(size, 1, width).features(torch.zeros(1, 3, size, size))
            assert features.shape == (1, widest, 2, 2)


@pytest.mark.parametrize(("size", "resolution"), [(32, 8), (64, 16), (128, 32), (256, 64)])
def test_attributes_enter_at_a_quarter_of_the_size(size: int, resolution: int) -> None:
    with torch.device("meta"):
        generator = StepByStepGenerator(size, 2, 3, 4, 2)
        seen = []
        block = generator.blocks[generator.attributes_at]
        block.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0].shape))
        generator(torch.zeros(1, 2, size, size), torch.zeros(1, 4), torch.zeros(1, 3))
    # Below, the segmentation's features (4 channels at an eighth); at 32 they are the bottleneck with the latent's 2.
    assert seen == [(1, 3 + (6 if size == 32 else 8), resolution, resolution)]


@pytest.mark.parametrize("size", [32, 64])
@pytest.mark.parametrize("changed", ["segmentation", "latent", "attributes"])
def test_every_input_changes_the_picture(size: int, changed: str) -> None:
    generator = StepByStepGenerator(size, 5, 3, 16, 8)
    inputs = {"segmentation": masks(2, 5, size), "latent": torch.randn(2, 16), "attributes": torch.zeros(2, 3)}
    before = generator(**inputs)
    inputs[changed] = {"segmentation": masks(2, 5, size), "latent": torch.randn(2, 16), "attributes": torch.ones(2, 3)}[
        changed
    ]
    assert (generator(**inputs) - before).abs().mean() > 0.02


def test_rows_do_not_see_each_other() -> None:
    generator = StepByStepGenerator(32, 3, 2, 4, 8).double()
    inputs = [masks(3, 3, 32).double(), torch.randn(3, 4).double(), torch.rand(3, 2).double()]
    together = generator(*inputs)
    alone = generator(*(values[1:2] for values in inputs))
    torch.testing.assert_close(together[1:2], alone)


def test_the_same_seed_gives_the_same_weights() -> None:
    def weights(seed: int) -> list[Tensor]:
        torch.manual_seed(seed)
        return list(StepByStepGenerator(32, 3, 2, 4, 8).parameters())

    assert all(torch.equal(a, b) for a, b in zip(weights(3), weights(3), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(weights(3), weights(4), strict=True))


def test_realness_is_the_mean_of_the_patch_map() -> None:
    network = Discriminator(32, 2, 4)
    image = torch.randn(3, 3, 32, 32)
    patches = network.realness(network.features(image))
    assert patches.shape == (3, 1, 2, 2)
    torch.testing.assert_close(network(image).realness, patches.sum((1, 2, 3)) / 4)
