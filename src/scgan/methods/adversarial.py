"""Loss terms that SCGAN, WGAN-GP and ACWGAN share: adversarial loss, gradient penalty, classification."""

from __future__ import annotations

import torch
from torch import Tensor

from scgan import losses
from scgan.config import Config
from scgan.networks.discriminator import Discriminator
from scgan.networks.projected import ProjectedDiscriminator
from scgan.training.augmentation import color, cutout, shift
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Terms

AnyDiscriminator = Discriminator | ProjectedDiscriminator


def discriminator_terms(
    discriminator: AnyDiscriminator, config: Config, batch: Batch, fake: Tensor, rng: StepRng, step: int
) -> Terms:
    """Adversarial loss, classification of real images and, every ``gradient_penalty_every`` steps, gradient penalty.

    Args:
        discriminator: without attributes it does not classify.
        config: its ``loss`` has the weights and names the adversarial loss.
        batch: the real images and their attributes.
        fake: (N, 3, H, W), without a graph.
        rng, step: of this step; decide where and when the penalty is taken.
    """
    weights = config.loss
    adversarial = losses.ADVERSARIAL_LOSSES[weights.adversarial]
    real = _augmented(batch.image, config, rng, "real")
    fake = _augmented(fake.to(real.dtype), config, rng, "fake")
    count = len(real)
    realness, attributes = discriminator(torch.cat([real, fake]))
    terms = {"adversarial": adversarial.discriminator(realness[:count], realness[count:])}
    if discriminator.attributes is not None:
        terms["classification"] = weights.classification * losses.classification_loss(
            attributes[:count], batch.attributes
        )
    if weights.gradient_penalty and step % weights.gradient_penalty_every == 0:
        penalty = adversarial.penalty(
            lambda image: discriminator(image).realness.reshape(len(image), -1).mean(1),
            real,
            fake,
            rng.uniform("epsilon"),
        )
        terms["gradient_penalty"] = weights.gradient_penalty * weights.gradient_penalty_every * penalty
    return terms


def generator_terms(
    discriminator: AnyDiscriminator, config: Config, batch: Batch, fake: Tensor, attributes: Tensor, rng: StepRng
) -> Terms:
    """Adversarial loss and classification of fakes (N, 3, H, W), made from ``attributes`` (N, n_c).

    The real images of ``batch`` are read only by a loss that compares the two; augmented as the discriminator saw them.
    """
    weights = config.loss
    adversarial = losses.ADVERSARIAL_LOSSES[weights.adversarial]
    realness, logits = discriminator(_augmented(fake, config, rng, "fake"))
    if adversarial.paired:
        with torch.no_grad():
            real = discriminator(_augmented(batch.image, config, rng, "real")).realness
        terms = {"adversarial": adversarial.generator(realness, real)}
    else:
        terms = {"adversarial": adversarial.generator(realness)}
    if discriminator.attributes is not None:
        terms["classification"] = weights.classification * losses.classification_loss(logits, attributes)
    return terms


def _augmented(image: Tensor, config: Config, rng: StepRng, name: str) -> Tensor:
    """Images with the discriminator's augmentations."""
    if config.discriminator.color:
        image = color(image, rng.uniform(f"color {name}", 3), config.discriminator.color)
    if config.discriminator.shift:
        image = shift(image, rng.uniform(f"shift {name}", 2), config.discriminator.shift)
    if config.discriminator.cutout:
        image = cutout(image, rng.uniform(f"cutout {name}", 2), config.discriminator.cutout)
    return image
