"""Schedule that most methods share: discriminator and generator in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import nn

from scgan.config import Config
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Stage, Terms, Update

Loss = Callable[[Batch, StepRng, int], Terms]


SCGAN_ONLY = (
    "segmentor",
    "loss",
    "generator.order",
    "generator.latent_channels",
    "generator.join_size",
    "generator.modulation",
    "discriminator.features",
    "discriminator.sees_image",
    "discriminator.color",
    "discriminator.shift",
    "discriminator.cutout",
)
"""Settings and groups of settings that methods with the losses of their own papers do not use."""


def alternate(
    config: Config,
    discriminators: Sequence[nn.Module],
    discriminator_loss: Loss,
    generators: Sequence[nn.Module],
    generator_loss: Loss,
) -> list[Stage]:
    """One stage: the discriminators at each step, then the generators every ``generator.update_every`` steps."""
    discriminator = Update("discriminator", discriminators, discriminator_loss, config.discriminator.optimizer)
    generator = Update(
        "generator", generators, generator_loss, config.generator.optimizer, config.generator.update_every
    )
    return [Stage("adversarial", config.training.steps, [discriminator, generator])]
