"""SCGAN (Jiang et al.): Algorithm 1 as three updates, and the segmentor's own stage of section 5.7.

The ablations are settings: ``generator.order`` (section 5.9), ``segmentor.pretrain_steps`` and ``segmentor.joint``
(5.7), ``loss.segmentation`` and ``loss.classification`` of 0 (5.10).
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scgan import losses
from scgan.config import Config
from scgan.methods.adversarial import AnyDiscriminator, discriminator_terms, generator_terms
from scgan.methods.alternate import alternate
from scgan.networks.discriminator import Discriminator
from scgan.networks.generator import GENERATORS
from scgan.networks.projected import ProjectedDiscriminator
from scgan.networks.segmentor import Segmentor
from scgan.schema import Schema
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Stage, Stateful, Terms, Update, only_trainable
from scgan.utils.tensors import one_hot


def blur(image: Tensor) -> Tensor:
    """A binomial 3×3 filter, (N, C, H, W) to the same: two means of neighbours, which erase single-pixel ripples."""
    for left, right in ((1, 0), (0, 1)):
        image = F.avg_pool2d(F.pad(image, (left, right, left, right), mode="replicate"), 2, 1)
    return image


class SCGAN:
    """Generator, discriminator with classifier, and segmentor, with the losses of equations 4–12."""

    config_class = Config
    defaults: ClassVar[dict[str, Any]] = {}

    def __init__(self, schema: Schema, config: Config) -> None:
        self.schema = schema
        self.config = config
        attribute_count = schema.attribute_count if config.loss.classification else 0
        self.generator = self.build_generator(schema, config)
        self.discriminator = self._build_discriminator(attribute_count)
        self.networks: dict[str, nn.Module] = {"generator": self.generator, "discriminator": self.discriminator}
        self.segmentor: Segmentor | None = None
        if config.loss.segmentation:
            self.segmentor = Segmentor(schema.class_count, config.segmentor.width)
            self.networks["segmentor"] = self.segmentor
        self.extra_state: dict[str, Stateful] = {}
        self._shared_fake: tuple[Batch, Tensor] | None = None

    @staticmethod
    def build_generator(schema: Schema, config: Config) -> nn.Module:
        """The generator alone, all that a model folder needs."""
        return GENERATORS[config.generator.order](
            schema.image_size,
            schema.class_count,
            schema.attribute_count,
            config.generator.latent_size,
            config.generator.width,
            latent_channels=config.generator.latent_channels,
            join_size=config.generator.join_size,
            modulated=config.generator.modulation == "adain",
        )

    def _build_discriminator(self, attribute_count: int) -> AnyDiscriminator:
        width = self.config.discriminator.width
        if self.config.discriminator.features == "none":
            return Discriminator(self.schema.image_size, attribute_count, width)
        return ProjectedDiscriminator(attribute_count, width, self.config.discriminator.sees_image)

    @property
    def model(self) -> nn.Module:
        return self.generator

    def stages(self) -> list[Stage]:
        """The segmentor alone if ``segmentor.pretrain_steps`` asks for it, then Algorithm 1."""
        config = self.config
        (adversarial,) = alternate(
            config, [self.discriminator], self.discriminator_loss, [self.generator], self.generator_loss
        )
        if self.segmentor is None:
            return [adversarial]
        segmentor = Update("segmentor", [self.segmentor], self.segmentor_loss, config.segmentor.optimizer)
        if config.segmentor.joint:
            discriminator, generator = adversarial.updates
            adversarial = adversarial._replace(updates=[discriminator, segmentor, generator])
        if not config.segmentor.pretrain_steps:
            return [adversarial]
        pretraining = Stage("pretraining", config.segmentor.pretrain_steps, [segmentor], counts_images=False)
        return [pretraining, adversarial]

    def discriminator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Lines 9–13 and 16: adversarial loss, gradient penalty, classification of real images."""
        if step % self.config.generator.update_every:
            with torch.no_grad():
                fake = self._generate(batch, rng)
        else:
            # The generator's update of the same step starts from the same fakes: it takes these, with their graph.
            with only_trainable([self.generator], [self.generator]):
                fake = self._generate(batch, rng)
            self._shared_fake = batch, fake
        return discriminator_terms(self.discriminator, self.config, batch, fake.detach(), rng, step)

    def segmentor_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Lines 14 and 18 (equation 8): cross-entropy on real images only."""
        assert self.segmentor is not None
        logits = self.segmentor(self._disturbed(batch.image, rng, "real"))
        return {"segmentation": losses.segmentation_loss(logits, batch.target)}

    def generator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Lines 21–28 (equation 6): adversarial loss, classification and segmentation of fakes."""
        weights = self.config.loss
        _, attributes, latent = self._conditions(batch, rng)
        shared, self._shared_fake = self._shared_fake, None
        fake = shared[1] if shared and shared[0] is batch else self._generate(batch, rng)
        terms = generator_terms(self.discriminator, self.config, batch, fake, attributes, rng)
        if self.segmentor is not None:
            logits = self.segmentor(self._disturbed(fake, rng, "fake"))
            terms["segmentation"] = weights.segmentation * losses.segmentation_loss(
                logits, self._in_pairs(batch.shuffled_target), weights.class_balance
            )
        if weights.mode_seeking:
            terms["mode_seeking"] = weights.mode_seeking * losses.mode_seeking_loss(
                fake[0::2], fake[1::2], latent[0::2], latent[1::2]
            )
        return terms

    def _generate(self, batch: Batch, rng: StepRng) -> Tensor:
        segmentation, attributes, latent = self._conditions(batch, rng)
        return self.generator(one_hot(segmentation, self.schema.class_count, latent.dtype), latent, attributes)

    def _conditions(self, batch: Batch, rng: StepRng) -> tuple[Tensor, Tensor, Tensor]:
        """(segmentation, attributes, latent) of the step's fakes; the same in every update of a step."""
        latent = rng.normal("latent", self.config.generator.latent_size)
        return self._in_pairs(batch.shuffled_segmentation), self._in_pairs(batch.attributes), latent

    def _in_pairs(self, values: Tensor) -> Tensor:
        """Values (N, …) of which, for mode seeking, neighbours are the same: they differ in nothing but the latent."""
        return values[0::2].repeat_interleave(2, 0) if self.config.loss.mode_seeking else values

    def _disturbed(self, image: Tensor, rng: StepRng, name: str) -> Tensor:
        """Input of the segmentor: the image, blurred and noisy as the settings ask."""
        if self.config.segmentor.input_blur:
            image = blur(image)
        if self.config.segmentor.input_noise:
            image = image + self.config.segmentor.input_noise * rng.normal(f"segmentor {name}", *image.shape[1:])
        return image
