"""WGAN-GP (Gulrajani et al. 2017, Algorithm 1), and ACWGAN: the same with AC-GAN's classifier (Odena et al. 2017)."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from scgan.config import Config
from scgan.methods.adversarial import discriminator_terms, generator_terms
from scgan.methods.alternate import alternate
from scgan.networks.discriminator import Discriminator
from scgan.networks.generator import LatentGenerator
from scgan.schema import Schema
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Stage, Stateful, Terms

_DEFAULTS: dict[str, Any] = {
    # Algorithm 1 of Gulrajani et al. 2017: λ = 10, five discriminator steps, Adam (0, 0.9).
    "loss.adversarial": "wasserstein",
    "loss.gradient_penalty": 10.0,
    "loss.gradient_penalty_every": 1,
    "loss.mode_seeking": 0.0,
    "generator.update_every": 5,
    "generator.optimizer": {"learning_rate": 1e-4, "beta1": 0.0, "beta2": 0.9},
    "discriminator.optimizer": {"learning_rate": 1e-4, "beta1": 0.0, "beta2": 0.9},
}

_UNUSED = (
    "segmentor",
    "loss.segmentation",
    "loss.class_balance",
    "loss.mode_seeking",
    "loss.reconstruction",
    "generator.order",
    "generator.latent_channels",
    "generator.join_size",
    "generator.modulation",
    "discriminator.features",
    "discriminator.sees_image",
)


class WGANGP:
    """Images from latents alone."""

    config_class = Config
    unused: ClassVar[tuple[str, ...]] = (*_UNUSED, "loss.classification")
    defaults: ClassVar[dict[str, Any]] = {**_DEFAULTS, "loss.classification": 0.0}

    def __init__(self, schema: Schema, config: Config) -> None:
        self.config = config
        self.generator = self.build_generator(schema, config)
        self.discriminator = Discriminator(
            schema.image_size, self.generator.attribute_count, config.discriminator.width
        )
        self.networks: dict[str, nn.Module] = {"generator": self.generator, "discriminator": self.discriminator}
        self.extra_state: dict[str, Stateful] = {}

    @staticmethod
    def build_generator(schema: Schema, config: Config) -> LatentGenerator:
        """The generator alone, all that a model folder needs."""
        return LatentGenerator(schema.image_size, 0, config.generator.latent_size, config.generator.width)

    @property
    def model(self) -> nn.Module:
        return self.generator

    def stages(self) -> list[Stage]:
        """The discriminator at every step, the generator every n_critic steps (``generator.update_every``)."""
        return alternate(
            self.config, [self.discriminator], self.discriminator_loss, [self.generator], self.generator_loss
        )

    def discriminator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Lines 4–9: adversarial loss and gradient penalty; ACWGAN also classifies the real images."""
        with torch.no_grad():
            fake = self._generate(batch, rng)
        return discriminator_terms(self.discriminator, self.config, batch, fake, rng, step)

    def generator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Lines 11 and 12: adversarial loss; ACWGAN also classifies the fakes, by their attributes."""
        fake = self._generate(batch, rng)
        return generator_terms(self.discriminator, self.config, batch, fake, batch.attributes, rng)

    def _generate(self, batch: Batch, rng: StepRng) -> Tensor:
        latent = rng.normal("latent", self.config.generator.latent_size)
        return self.generator(batch.segmentation, latent, batch.attributes)


class ACWGAN(WGANGP):
    """Images from latents and attributes."""

    unused = _UNUSED
    defaults = _DEFAULTS

    @staticmethod
    def build_generator(schema: Schema, config: Config) -> LatentGenerator:
        """The generator alone; it takes attributes, and so its discriminator classifies."""
        return LatentGenerator(
            schema.image_size, schema.attribute_count, config.generator.latent_size, config.generator.width
        )
