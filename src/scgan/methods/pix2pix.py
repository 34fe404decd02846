"""Pix2Pix (Isola et al. 2017): translation from masks to photos, learned from pairs."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from scgan import losses
from scgan.config import Config, Settings
from scgan.methods.alternate import SCGAN_ONLY, alternate
from scgan.networks.translators import PatchDiscriminator, UNetTranslator
from scgan.schema import Schema
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Stage, Stateful, Terms
from scgan.utils.tensors import one_hot


class Pix2PixSettings(Settings):
    """Settings of Pix2Pix."""

    l1: float = Field(100.0, ge=0)  # section 6.1
    """Weight λ of the absolute difference between generated and real image (equation 4)."""


class Pix2PixConfig(Config):
    """Configuration of Pix2Pix."""

    pix2pix: Pix2PixSettings = Pix2PixSettings()


class Pix2Pix:
    """U-Net against PatchGAN, with the absolute difference from the real image (equation 4)."""

    config_class = Pix2PixConfig
    unused = SCGAN_ONLY
    # Section 3.3.
    defaults: ClassVar[dict[str, Any]] = {
        "generator.update_every": 1,
        "generator.optimizer": {"learning_rate": 2e-4, "beta1": 0.5, "beta2": 0.999},
        "discriminator.optimizer": {"learning_rate": 2e-4, "beta1": 0.5, "beta2": 0.999},
    }

    def __init__(self, schema: Schema, config: Pix2PixConfig) -> None:
        self.schema = schema
        self.config = config
        self.generator = self.build_generator(schema, config)
        self.discriminator = PatchDiscriminator(schema.class_count + 3, config.discriminator.width)
        self.networks: dict[str, nn.Module] = {"generator": self.generator, "discriminator": self.discriminator}
        self.extra_state: dict[str, Stateful] = {}

    @staticmethod
    def build_generator(schema: Schema, config: Config) -> UNetTranslator:
        """The generator alone, all that a model folder needs."""
        return UNetTranslator(schema.image_size, schema.class_count, 3, config.generator.width)

    @property
    def model(self) -> nn.Module:
        return self.generator

    def stages(self) -> list[Stage]:
        """One step of each in turn (section 3.3)."""
        return alternate(
            self.config, [self.discriminator], self.discriminator_loss, [self.generator], self.generator_loss
        )

    def discriminator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Equation 1 on pairs of mask and photo, halved to slow the discriminator (section 3.3)."""
        with torch.no_grad():
            mask, fake = self._translate(batch, rng)
        pairs = torch.cat([torch.cat([mask, batch.image], 1), torch.cat([mask, fake], 1)])
        real, generated = self.discriminator(pairs).chunk(2)
        return {"adversarial": losses.logistic_discriminator_loss(real, generated) / 2}

    def generator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Equation 4, the adversarial part as −log D (section 3.3)."""
        mask, fake = self._translate(batch, rng)
        difference = (fake - batch.image).abs().mean()
        return {
            "adversarial": losses.logistic_generator_loss(self.discriminator(torch.cat([mask, fake], 1))),
            "reconstruction": self.config.pix2pix.l1 * difference,
        }

    def _translate(self, batch: Batch, rng: StepRng) -> tuple[Tensor, Tensor]:
        latent = rng.normal("latent", self.config.generator.latent_size)
        mask = one_hot(batch.segmentation, self.schema.class_count, latent.dtype)
        return mask, self.generator(mask, latent, batch.attributes)
