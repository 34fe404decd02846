"""Discriminator: the table of the paper, all sizes, its outputs."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from networks_by_hand import PAPER_PAGE, output_shapes, parameter_count
from scgan.networks.discriminator import Discriminator

ATTRIBUTES = 5


def test_table_2() -> None:
    with torch.device("meta"):
        network = Discriminator(128, ATTRIBUTES, 64)
        convolutions = [module for module in network.features if isinstance(module, nn.Conv2d)]
        assert network.attributes is not None
        rows: dict[str, nn.Module] = {str(number): module for number, module in enumerate(convolutions, start=1)}
        with output_shapes(**rows, b=network.realness, c=network.attributes) as shapes:
            output = network(torch.zeros(2, 3, 128, 128))
    assert output.realness.shape == (2,) and output.attributes.shape == (2, ATTRIBUTES)
    assert len(convolutions) == 6
    assert shapes["1 in"] == (3, 128, 128)
    assert shapes["1"] == (64, 64, 64)
    assert shapes["2"] == (128, 32, 32)
    assert shapes["3"] == (256, 16, 16)
    assert shapes["4"] == (512, 8, 8)
    assert shapes["5"] == (1024, 4, 4)
    assert shapes["6"] == (2048, 2, 2)
    assert shapes["b"] == (1, 2, 2)
    assert shapes["c"] == (ATTRIBUTES, 1, 1)
    assert not any(isinstance(module, nn.InstanceNorm2d) for module in network.modules())


def test_parameter_count_of_the_docs() -> None:
    with torch.device("meta"):
        assert parameter_count(Discriminator(128, ATTRIBUTES, 64)) == 44_762_054
    assert f"{44_762_054:,}" in PAPER_PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("size", "width", "attributes"), [(32, 4, 0), (64, 4, 1), (128, 3, 17), (256, 2, 5)])
def test_every_size(size: int, width: int, attributes: int) -> None:
    output = Discriminator(size, attributes, width)(torch.rand(2, 3, size, size) * 2 - 1)
    assert output.realness.shape == (2,) and output.attributes.shape == (2, attributes)


@pytest.mark.parametrize(("size", "channels"), [(32, 256), (64, 512), (128, 1024), (256, 2048)])
def test_features_end_at_2_by_2_with_at_most_2048_channels(size: int, channels: int) -> None:
    with torch.device("meta"):
        for width, expected in ((32, channels), (64, min(2 * channels, 2048))):
            features = Discriminator(size, 1, width).features(torch.zeros(1, 3, size, size))
            assert features.shape == (1, expected, 2, 2)


def test_realness_is_the_mean_of_the_patch_map() -> None:
    network = Discriminator(32, 2, 4)
    image = torch.randn(3, 3, 32, 32)
    patches = network.realness(network.features(image))
    assert patches.shape == (3, 1, 2, 2)
    torch.testing.assert_close(network(image).realness, patches.sum((1, 2, 3)) / 4)
