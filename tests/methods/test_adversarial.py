"""Adversarial terms: the augmentation of the discriminator's images."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from scgan.methods.scgan import SCGAN
from scgan.recipes import cpu, paper, with_settings
from scgan.schema import Schema
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError


def method(**settings: float | str) -> tuple[SCGAN, Batch, StepRng]:
    torch.manual_seed(0)
    schema = Schema(32, ("a", "b"), distinct_colors(2), ("bright",))
    changes = {"generator.width": 4, "discriminator.width": 4, "segmentor.width": 4, **settings}
    masks = torch.randint(0, 2, (4, 32, 32))
    image, attributes = torch.rand(4, 3, 32, 32) * 2 - 1, torch.rand(4, 1).round()
    batch = Batch(image, masks, attributes, masks.flip(0), masks, masks.flip(0))
    rng = StepRng(0, 8, 4, slice(0, 4), torch.device("cpu"), torch.float32)
    return SCGAN(schema, with_settings(cpu(), changes)), batch, rng


def test_the_discriminator_sees_every_image_shifted_and_cut() -> None:
    augmentations = {"discriminator.color": 1.0, "discriminator.shift": 0.25, "discriminator.cutout": 0.999}
    trained, batch, rng = method(**augmentations)
    seen: list[torch.Tensor] = []
    trained.discriminator.register_forward_pre_hook(lambda network, inputs: seen.append(inputs[0]))
    terms = trained.discriminator_loss(batch, rng, 8)
    assert "gradient_penalty" in terms
    trained.generator_loss(batch, rng, 8)
    images, penalized, fakes = seen
    assert (images == 0).all(1).flatten(1).any(1).all()  # a part of each is gray
    assert torch.isin(images[:4][images[:4] != 0], batch.image).float().mean() < 0.05  # and the colors changed
    assert torch.equal(penalized, images[:4])
    assert torch.allclose(fakes, images[4:])  # the generator's update repeats the discriminator's augmentation
    fakes.sum().backward()
    assert any(parameter.grad is not None for parameter in trained.generator.parameters())


def test_images_are_unchanged_without_shift_and_cutout() -> None:
    trained, batch, rng = method()
    seen: list[torch.Tensor] = []
    trained.discriminator.register_forward_pre_hook(lambda network, inputs: seen.append(inputs[0]))
    trained.discriminator_loss(batch, rng, 1)
    assert torch.equal(seen[0][:4], batch.image)


def test_a_relativistic_generator_is_compared_with_the_real_images_that_the_discriminator_saw() -> None:
    trained, batch, rng = method(**{"loss.adversarial": "relativistic", "discriminator.shift": 0.25})
    seen: list[torch.Tensor] = []
    realness: list[torch.Tensor] = []
    trained.discriminator.register_forward_pre_hook(lambda network, inputs: seen.append(inputs[0]))
    trained.discriminator.register_forward_hook(lambda network, inputs, output: realness.append(output.realness))
    terms = trained.discriminator_loss(batch, rng, 8)
    assert torch.equal(seen[1], seen[0])  # R1 and R2: the penalty is taken at both kinds of images
    real, fake = realness[0].chunk(2)
    torch.testing.assert_close(terms["adversarial"], F.softplus(fake - real).mean())
    generator = trained.generator_loss(batch, rng, 8)
    torch.testing.assert_close(seen[3], seen[0][:4])
    assert not realness[3].requires_grad
    torch.testing.assert_close(generator["adversarial"], F.softplus(real - fake).mean())
    generator["adversarial"].backward()
    assert all(parameter.grad is not None for parameter in trained.generator.parameters())


def test_a_penalty_of_weight_0_is_not_computed() -> None:
    trained, batch, rng = method(**{"loss.gradient_penalty": 0.0})
    assert "gradient_penalty" not in trained.discriminator_loss(batch, rng, 8)


def test_color_is_a_share_of_the_changes_of_the_paper() -> None:
    with pytest.raises(UserError, match=r"discriminator.color is 1.5: it must be a number from 0 to 1"):
        with_settings(paper(), {"discriminator.color": 1.5})


@pytest.mark.parametrize("name", ["shift", "cutout"])
def test_shares_lie_between_0_and_1(name: str) -> None:
    with pytest.raises(UserError, match=rf"discriminator.{name} is 1.5: it must be a number in \[0, 1\)"):
        with_settings(paper(), {f"discriminator.{name}": 1.5})
