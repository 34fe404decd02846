"""The networks against Table 2 at the paper's size, and the sums of docs/paper.md."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from scgan.networks.discriminator import Discriminator
from scgan.networks.generator import StepByStepGenerator
from scgan.networks.segmentor import Segmentor

CLASSES, ATTRIBUTES, LATENT = 7, 5, 512
PAPER = Path(__file__).resolve().parents[2] / "docs" / "paper.md"


@pytest.fixture(autouse=True)
def shapes_only() -> Iterator[None]:
    """On the meta device nothing is computed, so that the paper's size costs nothing."""
    with torch.device("meta"):
        yield


@contextmanager
def shapes_of(**modules: nn.Module) -> Iterator[dict[str, tuple[int, ...]]]:
    """What each module gives (its last call), without the batch's dimension; "… in" is what it gets."""
    shapes: dict[str, tuple[int, ...]] = {}

    def watch(name: str) -> object:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            shapes[f"{name} in"], shapes[name] = tuple(inputs[0].shape[1:]), tuple(output.shape[1:])

        return hook

    handles = [module.register_forward_hook(watch(name)) for name, module in modules.items()]  # type: ignore[arg-type]
    yield shapes
    for handle in handles:
        handle.remove()


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_generator() -> None:
    network = StepByStepGenerator(128, CLASSES, ATTRIBUTES, LATENT, 64)
    encoder, blocks = network.segmentation_encoder, network.blocks
    rows = {"1": encoder[0], "2": encoder[1], "3": encoder[2], "4": encoder[3], "b1": network.latent_expander}
    rows |= {"6": blocks[0], "7": blocks[1], "9": blocks[2], "10": blocks[3], "11": network.to_image}
    with shapes_of(**rows) as shapes:
        image = network(torch.zeros(2, CLASSES, 128, 128), torch.zeros(2, LATENT), torch.zeros(2, ATTRIBUTES))
    assert image.shape == (2, 3, 128, 128)
    assert len(encoder) == len(blocks) == 4
    assert shapes["1 in"] == (CLASSES, 128, 128)
    assert shapes["1"] == (64, 64, 64)
    assert shapes["2"] == (128, 32, 32)
    assert shapes["3"] == (256, 16, 16)
    assert shapes["4"] == (512, 8, 8)
    assert shapes["b1 in"] == (LATENT,)
    assert shapes["b1"] == (64, 8, 8)
    assert shapes["6 in"] == (576, 8, 8)  # row 5, the concatenation of 4 with b1
    assert shapes["6"] == (512, 16, 16)
    assert shapes["7"] == (256, 32, 32)
    assert shapes["9 in"] == (256 + ATTRIBUTES, 32, 32)  # row 8, the concatenation of 7 with c1
    assert shapes["9"] == (128, 64, 64)
    assert shapes["10"] == (64, 128, 128)
    assert shapes["11"] == (3, 128, 128)


def test_discriminator() -> None:
    network = Discriminator(128, ATTRIBUTES, 64)
    convolutions = [module for module in network.features if isinstance(module, nn.Conv2d)]
    assert network.attributes is not None
    rows: dict[str, nn.Module] = {str(number): module for number, module in enumerate(convolutions, start=1)}
    with shapes_of(**rows, b=network.realness, c=network.attributes) as shapes:
        verdict = network(torch.zeros(2, 3, 128, 128))
    assert verdict.realness.shape == (2,) and verdict.attributes.shape == (2, ATTRIBUTES)
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


def test_segmentor() -> None:
    network = Segmentor(CLASSES, 64)
    with shapes_of(**{str(number): layer for number, layer in enumerate(network.layers, start=1)}) as shapes:
        network(torch.zeros(2, 3, 128, 128))
    assert len(network.layers) == 9
    assert shapes["1 in"] == (3, 128, 128)
    assert shapes["1"] == (64, 64, 64)
    for row in "23456":
        assert shapes[row] == (128, 32, 32)
    assert shapes["7"] == (64, 64, 64)
    assert shapes["8"] == (32, 128, 128)
    assert shapes["9"] == (CLASSES, 128, 128)


@pytest.mark.parametrize(
    ("network", "by_hand"),
    [
        (lambda: StepByStepGenerator(128, CLASSES, ATTRIBUTES, LATENT, 64), 12_673_731),
        (lambda: Discriminator(128, ATTRIBUTES, 64), 44_762_054),
        (lambda: Segmentor(CLASSES, 64), 1_482_279),
    ],
    ids=["generator", "discriminator", "segmentor"],
)
def test_parameter_counts_are_those_of_the_docs(network: object, by_hand: int) -> None:
    assert callable(network)
    assert count(network()) == by_hand
    assert f"{by_hand:,}" in PAPER.read_text(encoding="utf-8")


def test_no_bias_stands_before_an_instance_norm() -> None:
    for network in (StepByStepGenerator(64, 3, 2, 8, 4), Segmentor(3, 4)):
        for parent in network.modules():
            layers = list(parent.children()) if isinstance(parent, nn.Sequential) else []
            for layer, after in pairwise(layers):
                if isinstance(after, nn.InstanceNorm2d):
                    assert getattr(layer, "bias", None) is None
