"""SCGAN (Jiang et al.): Algorithm 1 as three updates, and the segmentor's own stage of section 5.7.

The ablations are settings: ``generator.order`` (section 5.9), ``segmentor.pretrain_steps`` and ``segmentor.joint``
(5.7), ``loss.segmentation`` and ``loss.classification`` of 0 (5.10).
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scgan import losses
from scgan.config import Config
from scgan.methods.adversarial import AnyDiscriminator, discriminator_terms, generator_terms
from scgan.methods.alternate import alternate
from scgan.networks.discriminator import Discriminator
from scgan.networks.generator import GENERATORS
from scgan.networks.latent_encoder import LatentEncoder, normalized
from scgan.networks.projected import ProjectedDiscriminator
from scgan.networks.segmentor import Segmentor
from scgan.schema import Schema
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Stage, Stateful, Terms, Update, only_trainable
from scgan.utils.tensors import one_hot

_ENCODER_NOISE = 0.5


class _Fakes(NamedTuple):
    """Generated images (N, 3, H, H) with their attributes (N, n_c) and latents (N, n_z)."""

    image: Tensor
    attributes: Tensor
    latent: Tensor


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
        self.encoder: LatentEncoder | None = None
        if config.loss.reconstruction:
            generator = config.generator
            self.encoder = LatentEncoder(schema.image_size, generator.latent_size, generator.width)
            self.networks["encoder"] = self.encoder
        self.extra_state: dict[str, Stateful] = {}
        self._shared_fakes: tuple[Batch, _Fakes] | None = None

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
            config, [self.discriminator], self.discriminator_loss, self._generators(), self.generator_loss
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
                fakes = self._generate(batch, rng)
        else:
            # The generator's update of the same step starts from the same fakes: it takes these, with their graph.
            with only_trainable(self._generators(), self._generators()):
                fakes = self._generate(batch, rng)
            self._shared_fakes = batch, fakes
        return discriminator_terms(self.discriminator, self.config, batch, fakes.image.detach(), rng, step)

    def segmentor_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Lines 14 and 18 (equation 8): cross-entropy on real images only."""
        assert self.segmentor is not None
        logits = self.segmentor(self._disturbed(batch.image, rng, "real"))
        return {"segmentation": losses.segmentation_loss(logits, batch.target)}

    def generator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Lines 21–28 (equation 6): adversarial loss, classification and segmentation of fakes."""
        weights = self.config.loss
        shared, self._shared_fakes = self._shared_fakes, None
        fakes = shared[1] if shared and shared[0] is batch else self._generate(batch, rng)
        fake, attributes, latent = fakes
        terms = generator_terms(self.discriminator, self.config, batch, fake, attributes, rng)
        if self.segmentor is not None:
            logits = self.segmentor(self._disturbed(fake, rng, "fake"))
            target = self._requested(batch.shuffled_target, batch.target)
            terms["segmentation"] = weights.segmentation * losses.segmentation_loss(
                logits, target, weights.class_balance
            )
        if weights.mode_seeking:
            one, other = slice(0, self._sampled(len(fake)), 2), slice(1, self._sampled(len(fake)), 2)
            terms["mode_seeking"] = weights.mode_seeking * losses.mode_seeking_loss(
                fake[one], fake[other], latent[one], latent[other]
            )
        if weights.reconstruction:
            terms["reconstruction"] = weights.reconstruction * self._reconstruction_loss(batch, fake)
        return terms

    def _reconstruction_loss(self, batch: Batch, fake: Tensor) -> Tensor:
        """Distance of the second half of the fakes to their photos; by the discriminator's features too, if it has."""
        image, photo = (images[self._sampled(len(fake)) :] for images in (fake, batch.image))
        if not isinstance(self.discriminator, ProjectedDiscriminator):
            return losses.reconstruction_loss(image, photo)
        with torch.no_grad():
            features = self.discriminator.frozen(photo)
        return losses.reconstruction_loss(image, photo, self.discriminator.frozen(image), features)

    def _generators(self) -> list[nn.Module]:
        """Networks of the generator's update."""
        return [self.generator, *([] if self.encoder is None else [self.encoder])]

    def _generate(self, batch: Batch, rng: StepRng) -> _Fakes:
        """Fakes of the step; their conditions are the same in every update of a step."""
        segmentation = self._requested(batch.shuffled_segmentation, batch.segmentation)
        attributes = self._requested(batch.attributes, batch.attributes)
        latent = rng.normal("latent", self.config.generator.latent_size)
        if self.encoder is not None:
            sampled = self._sampled(len(latent))
            # Noise, so that latents beside those of the photos belong to similar images.
            encoded = self.encoder(batch.image[sampled:]) + _ENCODER_NOISE * latent[sampled:]
            latent = torch.cat([latent[:sampled], normalized(encoded)])
        image = self.generator(one_hot(segmentation, self.schema.class_count, latent.dtype), latent, attributes)
        return _Fakes(image, attributes, latent)

    def _sampled(self, count: int) -> int:
        """Number of ``count`` fakes that have sampled latents; the others reconstruct photos."""
        return count - count // 2 if self.config.loss.reconstruction else count

    def _requested(self, shuffled: Tensor, own: Tensor) -> Tensor:
        """Values (N, …) for the fakes: ``shuffled`` of those that are sampled, ``own`` of reconstructed photos.

        For mode seeking, neighbours among the sampled ones are the same: they differ in nothing but the latent.
        """
        count = self._sampled(len(own))
        sampled = shuffled[:count]
        if self.config.loss.mode_seeking:
            sampled = sampled[0::2].repeat_interleave(2, 0)
        return torch.cat([sampled, own[count:]]) if count < len(own) else sampled

    def _disturbed(self, image: Tensor, rng: StepRng, name: str) -> Tensor:
        """Input of the segmentor: the image, blurred and noisy as the settings ask."""
        if self.config.segmentor.input_blur:
            image = blur(image)
        if self.config.segmentor.input_noise:
            image = image + self.config.segmentor.input_noise * rng.normal(f"segmentor {name}", *image.shape[1:])
        return image
