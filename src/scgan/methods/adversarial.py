"""The terms that SCGAN, WGAN-GP and ACWGAN share: a critic with its penalty, and a classifier beside it."""

from __future__ import annotations

import torch
from torch import Tensor

from scgan import losses
from scgan.config import Loss
from scgan.networks.discriminator import Discriminator
from scgan.schema import Batch
from scgan.training.noise import Noise
from scgan.training.update import Terms


def discriminator_terms(
    discriminator: Discriminator, weights: Loss, batch: Batch, fake: Tensor, noise: Noise, step: int
) -> Terms:
    """Critic, classification of real images, and (in its turn) penalty.

    Args:
        discriminator: without attributes it does not classify.
        weights: also names the adversarial loss.
        batch: the real images and their labels.
        fake: (N, 3, H, W), without a graph.
        noise, step: of this step; decide where the penalty is taken, and when.
    """
    adversarial = losses.ADVERSARIAL[weights.adversarial]
    count = len(batch.image)
    realness, attributes = discriminator(torch.cat([batch.image, fake.to(batch.image.dtype)]))
    terms = {"critic": adversarial.critic(realness[:count], realness[count:])}
    if discriminator.attributes is not None:
        terms["classification"] = weights.classification * losses.classification(attributes[:count], batch.attributes)
    if step % weights.penalty_every == 0:
        penalty = adversarial.penalty(
            lambda image: discriminator(image).realness, batch.image, fake, noise.uniform("epsilon")
        )
        terms["penalty"] = weights.penalty * weights.penalty_every * penalty
    return terms


def generator_terms(discriminator: Discriminator, weights: Loss, fake: Tensor, attributes: Tensor) -> Terms:
    """Critic and classification of fakes (N, 3, H, W) that were to have ``attributes`` (N, n_c)."""
    realness, logits = discriminator(fake)
    terms = {"critic": losses.ADVERSARIAL[weights.adversarial].generator(realness)}
    if discriminator.attributes is not None:
        terms["classification"] = weights.classification * losses.classification(logits, attributes)
    return terms
