"""SPADE (Park et al. 2019): masks steer the generator's norms, learned from pairs."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scgan import losses
from scgan.config import Config
from scgan.networks.pretrained import EfficientNetLite0
from scgan.networks.spade import MultiScaleDiscriminator, SpadeGenerator
from scgan.schema import Schema
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Stage, Stateful, Terms, Update
from scgan.utils.tensors import one_hot


class SPADE:
    """Hinge loss, matching of the discriminators' features and, where weights are there, of a classifier's (section 4).

    The latent is drawn, not encoded from a photo: the paper's generator without its image encoder.
    """

    def __init__(self, schema: Schema, config: Config) -> None:
        self.schema = schema
        self.config = config
        self.generator = self.build_generator(schema, config)
        self.discriminator = MultiScaleDiscriminator(
            schema.class_count + 3, config.discriminator.width, config.spade.scales
        )
        # Not among the networks: it is never trained, and a checkpoint need not repeat it.
        self.classifier = EfficientNetLite0() if config.spade.perceptual else None
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
        config = self.config
        discriminator = Update(
            "discriminator", [self.discriminator], self.discriminator_loss, config.discriminator.optimizer
        )
        generator = Update(
            "generator",
            [self.generator],
            self.generator_loss,
            config.generator.optimizer,
            config.generator.update_every,
        )
        return [Stage("together", config.training.steps, [discriminator, generator])]

    def discriminator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Hinge on pairs of mask and photo, averaged over scales."""
        with torch.no_grad():
            mask, fake = self._generate(batch, rng)
        pairs = torch.cat([torch.cat([mask, batch.image], 1), torch.cat([mask, fake], 1)])
        critic = [losses.hinge_discriminator_loss(*features[-1].chunk(2)) for features in self.discriminator(pairs)]
        return {"critic": torch.stack(critic).mean()}

    def generator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Hinge, feature matching, perceptual."""
        weights = self.config.spade
        mask, fake = self._generate(batch, rng)
        with torch.no_grad():
            wanted = self.discriminator(torch.cat([mask, batch.image], 1))
        seen = self.discriminator(torch.cat([mask, fake], 1))
        matching = [losses.feature_matching_loss(mine[:-1], real[:-1]) for mine, real in zip(seen, wanted, strict=True)]
        terms = {
            "critic": torch.stack([losses.wasserstein_generator_loss(features[-1]) for features in seen]).mean(),
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
