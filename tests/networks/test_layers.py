"""Building blocks, compared with plain forms of the same computation."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from scgan.networks.generator import StepByStepGenerator
from scgan.networks.layers import (
    MatmulConv2d,
    Modulation,
    ResidualBlock,
    ResidualUpBlock,
    UpsampleConv2d,
    add_upsampled,
    down,
    fold_upsampling,
    initialize,
    up,
)
from scgan.networks.segmentor import Segmentor


@pytest.mark.parametrize(("channels_in", "channels_out", "height", "width"), [(3, 5, 4, 4), (2, 1, 1, 1), (1, 4, 3, 7)])
def test_upsampling_convolution_is_upsampling_then_convolution(
    channels_in: int, channels_out: int, height: int, width: int
) -> None:
    layer = UpsampleConv2d(channels_in, channels_out).double()
    nn.init.normal_(layer.weight)
    features = torch.randn(2, channels_in, height, width, dtype=torch.float64, requires_grad=True)
    plain = F.conv2d(F.interpolate(features, scale_factor=2, mode="nearest"), layer.weight, padding=1)
    torch.testing.assert_close(layer(features), plain)

    weighting = torch.randn_like(plain)
    mine = torch.autograd.grad((layer(features) * weighting).sum(), [features, layer.weight])
    theirs = torch.autograd.grad((plain * weighting).sum(), [features, layer.weight])
    torch.testing.assert_close(mine, theirs)


def test_a_folded_network_computes_the_same_and_keeps_the_original() -> None:
    generator = StepByStepGenerator(32, 3, 2, 4, 4)
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    folded = fold_upsampling(generator)
    inputs = torch.rand(2, 3, 32, 32), torch.randn(2, 4), torch.rand(2, 2)
    torch.testing.assert_close(folded(*inputs), generator(*inputs).detach(), atol=1e-6, rtol=0)
    assert not folded.training
    assert not any(isinstance(module, UpsampleConv2d) for module in folded.modules())
    assert not any(parameter.requires_grad for parameter in folded.parameters())
    assert all(parameter.requires_grad for parameter in generator.parameters())
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())


def test_modulation_by_hand() -> None:
    layer = Modulation(1, 2)
    layer.weight.data = torch.tensor([[0.5], [0.0], [0.0], [2.0]])  # scale of channel 0, shift of channel 1
    layer.bias.data = torch.tensor([0.0, -1.0, 0.0, 0.0])  # channel 1 is scaled by 0
    features = torch.tensor([[[[4.0]], [[7.0]]], [[[4.0]], [[7.0]]]])
    modulated = layer.modulate(features, torch.tensor([[1.0], [2.0]]))
    assert modulated.flatten(1).tolist() == [[4 * 1.5, 2.0], [4 * 2.0, 4.0]]


def test_a_modulated_block_scales_and_shifts_after_each_norm() -> None:
    block, features, style = ResidualUpBlock(3, 4, style_size=2), torch.randn(2, 3, 4, 4), torch.randn(2, 2)
    initialize(block)
    plain = ResidualUpBlock(3, 4)
    plain.load_state_dict({name: value for name, value in block.state_dict().items() if "modulation" not in name})
    torch.testing.assert_close(block(features, style), plain(features))  # its weights are 0 at first
    assert block.first_modulation is not None and block.second_modulation is not None
    for layer in (block.first_modulation, block.second_modulation):
        nn.init.normal_(layer.weight)
    convolution, norm, _, upsampling, last_norm = plain.main
    scale, shift = block.first_modulation(style)[:, :, None, None].chunk(2, 1)
    hidden = F.relu(norm(convolution(features)) * (1 + scale) + shift)
    scale, shift = block.second_modulation(style)[:, :, None, None].chunk(2, 1)
    main = last_norm(upsampling(hidden)) * (1 + scale) + shift
    torch.testing.assert_close(block(features, style), F.relu(add_upsampled(main, plain.shortcut(features))))


@pytest.mark.parametrize(("height", "width"), [(2, 2), (4, 8)])
def test_convolution_as_a_product_with_its_gradients(height: int, width: int) -> None:
    layer = MatmulConv2d(3, 5).double()
    features = torch.randn(2, 3, height, width, dtype=torch.float64, requires_grad=True)
    plain = F.conv2d(features, layer.weight, layer.bias, stride=2, padding=1)
    torch.testing.assert_close(layer(features), plain)
    inputs = [features, layer.weight, layer.bias]
    mine, theirs = (
        torch.autograd.grad(output.square().sum(), inputs, create_graph=True) for output in (layer(features), plain)
    )
    torch.testing.assert_close(mine, theirs)
    # A gradient penalty differentiates twice.
    mine, theirs = (torch.autograd.grad(first[0].square().sum(), inputs) for first in (mine, theirs))
    torch.testing.assert_close(mine, theirs)


def test_addition_of_an_upsampled_map() -> None:
    features = torch.zeros(1, 1, 2, 4)
    half_size = torch.tensor([[[[1.0, 2.0]]]])
    assert add_upsampled(features, half_size).tolist() == [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]


def instance_norm(features: torch.Tensor) -> torch.Tensor:
    mean = features.mean((2, 3), keepdim=True)
    return (features - mean) / (features.var((2, 3), correction=0, keepdim=True) + 1e-5).sqrt()


def test_residual_block_by_its_formula() -> None:
    block = ResidualBlock(3)
    features = torch.randn(2, 3, 6, 6)
    first, second = block.main[0], block.main[3]
    inner = F.relu(instance_norm(F.conv2d(features, first.weight, padding=1)))
    expected = F.relu(features + instance_norm(F.conv2d(inner, second.weight, padding=1)))
    torch.testing.assert_close(block(features), expected, atol=1e-5, rtol=1e-5)


def test_residual_upsampling_block_by_its_formula() -> None:
    block = ResidualUpBlock(3, 2)
    initialize(block)
    features = torch.randn(2, 3, 6, 6)
    first, second = block.main[0], block.main[3]
    inner = F.relu(instance_norm(F.conv2d(features, first.weight, padding=1)))
    main = instance_norm(F.conv2d(F.interpolate(inner, scale_factor=2), second.weight, padding=1))
    shortcut = F.conv2d(F.interpolate(features, scale_factor=2), block.shortcut.weight)
    torch.testing.assert_close(block(features), F.relu(main + shortcut), atol=1e-5, rtol=1e-5)


def test_the_shortcut_passes_inputs_that_are_constant_over_space() -> None:
    """The main path's norms remove an added constant, the shortcut lets it through as it is."""
    block = ResidualUpBlock(2, 2).double()
    initialize(block)
    nn.init.dirac_(block.main[0].weight)  # sees single pixels: a wider kernel would see the zero padding at the rim
    nn.init.dirac_(block.shortcut.weight)
    features = torch.rand(1, 2, 8, 8, dtype=torch.float64) + 9  # large, so that the ReLU cuts nothing off
    constant = torch.tensor([5.0, 3.0], dtype=torch.float64)[:, None, None]
    torch.testing.assert_close(block.main(features + constant), block.main(features))
    torch.testing.assert_close(block(features + constant) - block(features), constant.expand(1, 2, 16, 16))


def test_strided_layers_halve_and_double() -> None:
    features = torch.randn(2, 3, 8, 8)
    assert down(3, 4)(features).shape == (2, 4, 4, 4)
    assert up(3, 4)(features).shape == (2, 4, 16, 16)
    assert down(3, 4)(features).min() == up(3, 4)(features).min() == 0  # ReLU


@pytest.mark.parametrize(
    ("layer", "shape", "variance"),
    [
        # With weights of variance 2 / fan-in, inputs of variance 1 and mean 0 give outputs of variance 2.
        (lambda: nn.Conv2d(64, 64, 3, 1, 1, bias=False), (4, 64, 32, 32), 2),
        (lambda: nn.Conv2d(64, 64, 4, 2, 1, bias=False), (4, 64, 32, 32), 2),
        (lambda: nn.ConvTranspose2d(64, 64, 4, 2, 1, bias=False), (4, 64, 32, 32), 2),
        (lambda: nn.Linear(512, 512), (256, 512), 2),
    ],
    ids=["convolution", "strided", "transposed", "linear"],
)
def test_initial_weights_keep_the_variance_through_relu(layer: object, shape: tuple[int, ...], variance: float) -> None:
    assert callable(layer)
    module = layer()
    initialize(module)
    output = module(torch.randn(shape))
    inner = output[..., 2:-2, 2:-2] if output.ndim == 4 else output  # the zero padding has less
    assert inner.var().item() == pytest.approx(variance, rel=0.05)
    assert getattr(module, "bias", None) is None or not module.bias.any()


def test_initialize_leaves_norms_the_identity() -> None:
    block = down(2, 3)
    nn.init.constant_(block[1].weight, 7)
    nn.init.constant_(block[1].bias, 7)
    initialize(block)
    assert block[1].weight.tolist() == [1, 1, 1] and block[1].bias.tolist() == [0, 0, 0]


def test_no_bias_stands_before_an_instance_norm() -> None:
    for network in (StepByStepGenerator(64, 3, 2, 8, 4), Segmentor(3, 4)):
        for parent in network.modules():
            layers = list(parent.children()) if isinstance(parent, nn.Sequential) else []
            for layer, following in pairwise(layers):
                if isinstance(following, nn.InstanceNorm2d):
                    assert getattr(layer, "bias", None) is None
