"""SPADE (Park et al. 2019): masks steer the generator's norms, learned from pairs."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from scgan import losses
from scgan.config import SHAPING, Config, FeaturesOf, Settings
from scgan.methods.alternate import SCGAN_ONLY, alternate
from scgan.networks.pretrained import EfficientNetLite
from scgan.networks.spade import MultiScaleDiscriminator, SpadeGenerator
from scgan.schema import Schema
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Stage, Stateful, Terms
from scgan.utils.tensors import one_hot


class SpadeSettings(Settings):
    """Settings of SPADE; the weights are those of pix2pixHD (Wang et al. 2018)."""

    scales: Annotated[int, SHAPING] = Field(2, ge=1)
    """Number of discriminators; each sees half the size of the one before."""
    feature_matching: float = Field(10.0, ge=0)
    """Weight of the difference of the discriminators' features."""
    # Off: realism is measured by the same features, and a method may not train on its grader.
    perceptual: Annotated[float, FeaturesOf("efficientnet-lite0")] = Field(0.0, ge=0)
    """Weight of the difference of EfficientNet-Lite0's features (extra eval); 0 leaves it out. The paper has 10 with
    VGG, whose weights no package includes."""


class SpadeConfig(Config):
    """Configuration of SPADE."""

    spade: SpadeSettings = SpadeSettings()


class SPADE:
    """Hinge loss, feature matching of the discriminators and, where weights are there, a perceptual loss (section 4).

    The latent is drawn, not encoded from a photo: the paper's generator without its image encoder.
    """

    config_class = SpadeConfig
    unused = SCGAN_ONLY
    # Section 4.
    defaults: ClassVar[dict[str, Any]] = {
        "generator.update_every": 1,
        "generator.optimizer": {"learning_rate": 1e-4, "beta1": 0.0, "beta2": 0.999},
        "discriminator.optimizer": {"learning_rate": 4e-4, "beta1": 0.0, "beta2": 0.999},
    }

    def __init__(self, schema: Schema, config: SpadeConfig) -> None:
        self.schema = schema
        self.config = config
        self.generator = self.build_generator(schema, config)
        self.discriminator = MultiScaleDiscriminator(
            schema.class_count + 3, config.discriminator.width, config.spade.scales
        )
        # Not among the networks: it is never trained, and a checkpoint need not repeat it.
        self.classifier = EfficientNetLite(0) if config.spade.perceptual else None
        self.networks: dict[str, nn.Module] = {"generator": self.generator, "discriminator": self.discriminator}
        self.extra_state: dict[str, Stateful] = {}

    @staticmethod
    def build_generator(schema: Schema, config: Config) -> SpadeGenerator:
        """The generator alone, all that a model folder needs."""
        return SpadeGenerator(
            schema.image_size, schema.class_count, config.generator.latent_size, config.generator.width
        )

    @property
    def model(self) -> nn.Module:
        return self.generator

    def stages(self) -> list[Stage]:
        """One step of each in turn."""
        return alternate(
            self.config, [self.discriminator], self.discriminator_loss, [self.generator], self.generator_loss
        )

    def discriminator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Hinge on pairs of mask and photo, averaged over scales."""
        with torch.no_grad():
            mask, fake = self._generate(batch, rng)
        pairs = torch.cat([torch.cat([mask, batch.image], 1), torch.cat([mask, fake], 1)])
        hinge = [losses.hinge_discriminator_loss(*features[-1].chunk(2)) for features in self.discriminator(pairs)]
        return {"adversarial": torch.stack(hinge).mean()}

    def generator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Hinge, feature matching, perceptual."""
        weights = self.config.spade
        mask, fake = self._generate(batch, rng)
        with torch.no_grad():
            real_features = self.discriminator(torch.cat([mask, batch.image], 1))
        fake_features = self.discriminator(torch.cat([mask, fake], 1))
        matching = [
            losses.feature_matching_loss(generated[:-1], real[:-1])
            for generated, real in zip(fake_features, real_features, strict=True)
        ]
        adversarial = [losses.hinge_generator_loss(features[-1]) for features in fake_features]
        terms = {
            "adversarial": torch.stack(adversarial).mean(),
            "feature_matching": weights.feature_matching * torch.stack(matching).mean(),
        }
        if self.classifier is not None:
            with torch.no_grad():
                real = self.classifier.stages(batch.image)
            terms["perceptual"] = weights.perceptual * losses.feature_matching_loss(self.classifier.stages(fake), real)
        return terms

    def _generate(self, batch: Batch, rng: StepRng) -> tuple[Tensor, Tensor]:
        latent = rng.normal("latent", self.config.generator.latent_size)
        mask = one_hot(batch.segmentation, self.schema.class_count, latent.dtype)
        return mask, self.generator(mask, latent, batch.attributes)
