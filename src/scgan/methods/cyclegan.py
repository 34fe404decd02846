"""CycleGAN (Zhu et al. 2017): translations between photos and masks, both ways, learned without pairs."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from scgan import losses
from scgan.config import Config, Settings
from scgan.methods.alternate import SCGAN_ONLY, alternate
from scgan.networks.translators import PatchDiscriminator, ResNetTranslator
from scgan.schema import Schema
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Stage, Stateful, Terms
from scgan.utils.tensors import one_hot


class MaskTranslator(nn.Module):
    """Translator of masks, drawn in the colors of their classes, since CycleGAN takes images."""

    colors: Tensor

    def __init__(self, schema: Schema, translator: ResNetTranslator) -> None:
        super().__init__()
        self.translator = translator
        colors = torch.tensor(schema.class_colors, dtype=torch.float32) / 127.5 - 1
        self.register_buffer("colors", colors, persistent=False)

    def draw(self, segmentation: Tensor) -> Tensor:
        """One-hot (N, n_s, H, W) → RGB (N, 3, H, W) in [-1, 1]."""
        return torch.einsum("nshw,sc->nchw", segmentation, self.colors.to(segmentation.dtype))

    def forward(self, segmentation: Tensor, latent: Tensor, attributes: Tensor) -> Tensor:
        """One-hot (N, n_s, H, W) → photo (N, 3, H, W) in [-1, 1]; latent and attributes are ignored."""
        return self.translator(self.draw(segmentation))


class ImagePool:
    """Pool of older fakes for a discriminator (section 4, after Shrivastava et al. 2017).

    Args:
        size: number of images in the pool.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.images: list[Tensor] = []

    def exchange(self, images: Tensor, chance: Tensor) -> Tensor:
        """Images for the discriminator: once the pool is full, half of them are replaced by older ones.

        A replaced image takes the place of the older one in the pool.

        Args:
            images: (N, C, H, W), without a graph.
            chance: (N, 2) in [0, 1): decides whether to replace an image, and by which one.
        """
        shown = []
        for image, (coin, position) in zip(images, chance.tolist(), strict=True):
            if len(self.images) < self.size:
                self.images.append(image.clone())
                shown.append(image)
            elif coin < 0.5:
                index = int(position * self.size)
                shown.append(self.images[index])
                self.images[index] = image.clone()
            else:
                shown.append(image)
        return torch.stack(shown)

    def state_dict(self) -> dict[str, Any]:
        return {"images": self.images}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.images = list(state["images"])


class CycleGANSettings(Settings):
    """Settings of CycleGAN."""

    cycle: float = Field(10.0, ge=0)  # section 4
    """Weight λ of the cycle consistency loss (equation 3)."""
    identity: float = Field(5.0, ge=0)  # half of λ (section 5.2)
    """Weight of the identity loss; 0 leaves it out."""
    pool_size: int = Field(50, ge=1)  # section 4
    """Number of older fakes that are kept for the discriminators."""


class CycleGANConfig(Config):
    """Configuration of CycleGAN."""

    cyclegan: CycleGANSettings = CycleGANSettings()


class CycleGAN:
    """Two ResNets and two PatchGANs; equation 3 with the identity loss of section 5.2."""

    config_class = CycleGANConfig
    unused = SCGAN_ONLY
    # Section 4.
    defaults: ClassVar[dict[str, Any]] = {
        "generator.update_every": 1,
        "generator.optimizer": {"learning_rate": 2e-4, "beta1": 0.5, "beta2": 0.999},
        "discriminator.optimizer": {"learning_rate": 2e-4, "beta1": 0.5, "beta2": 0.999},
    }

    def __init__(self, schema: Schema, config: CycleGANConfig) -> None:
        self.schema = schema
        self.config = config
        self.to_photo = self.build_generator(schema, config)
        self.to_mask = _translator(schema, config)
        self.photo_discriminator = PatchDiscriminator(3, config.discriminator.width)
        self.mask_discriminator = PatchDiscriminator(3, config.discriminator.width)
        self.networks: dict[str, nn.Module] = {
            "to_photo": self.to_photo,
            "to_mask": self.to_mask,
            "photo_discriminator": self.photo_discriminator,
            "mask_discriminator": self.mask_discriminator,
        }
        self.photo_pool = ImagePool(config.cyclegan.pool_size)
        self.mask_pool = ImagePool(config.cyclegan.pool_size)
        self.extra_state: dict[str, Stateful] = {"photo_pool": self.photo_pool, "mask_pool": self.mask_pool}

    @staticmethod
    def build_generator(schema: Schema, config: Config) -> MaskTranslator:
        """The generator of photos alone, all that a model folder needs."""
        return MaskTranslator(schema, _translator(schema, config))

    @property
    def model(self) -> nn.Module:
        return self.to_photo

    def stages(self) -> list[Stage]:
        """Both discriminators, then both generators."""
        return alternate(
            self.config,
            [self.photo_discriminator, self.mask_discriminator],
            self.discriminator_loss,
            [self.to_photo, self.to_mask],
            self.generator_loss,
        )

    def discriminator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Least squares on photos and on masks, fakes from the pools (section 4), halved to slow the discriminators."""
        mask = self._unpaired_mask(batch)
        with torch.no_grad():
            photo = self.to_photo.translator(mask)
            drawn = self.to_mask(batch.image)
        photo = self.photo_pool.exchange(photo, rng.uniform("photo pool", 2))
        drawn = self.mask_pool.exchange(drawn, rng.uniform("mask pool", 2))
        photos = self.photo_discriminator(torch.cat([batch.image, photo])).chunk(2)
        masks = self.mask_discriminator(torch.cat([mask, drawn])).chunk(2)
        return {
            "adversarial_photo": losses.least_squares_discriminator_loss(*photos) / 2,
            "adversarial_mask": losses.least_squares_discriminator_loss(*masks) / 2,
        }

    def generator_loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Least squares both ways, cycle (equation 2) and identity (section 5.2)."""
        weights = self.config.cyclegan
        mask = self._unpaired_mask(batch)
        photo = self.to_photo.translator(mask)
        drawn = self.to_mask(batch.image)
        cycle = _difference(self.to_mask(photo), mask) + _difference(self.to_photo.translator(drawn), batch.image)
        terms = {
            "adversarial_photo": losses.least_squares_generator_loss(self.photo_discriminator(photo)),
            "adversarial_mask": losses.least_squares_generator_loss(self.mask_discriminator(drawn)),
            "cycle": weights.cycle * cycle,
        }
        if weights.identity:
            unchanged = _difference(self.to_photo.translator(batch.image), batch.image)
            terms["identity"] = weights.identity * (unchanged + _difference(self.to_mask(mask), mask))
        return terms

    def _unpaired_mask(self, batch: Batch) -> Tensor:
        """Drawn masks of the batch, in another order than the photos."""
        mask = one_hot(batch.shuffled_segmentation, self.schema.class_count, batch.image.dtype)
        return self.to_photo.draw(mask)


def _translator(schema: Schema, config: Config) -> ResNetTranslator:
    return ResNetTranslator(9 if schema.image_size >= 256 else 6, config.generator.width)  # section 7.2


def _difference(image: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference (L1)."""
    return (image - target).abs().mean()
