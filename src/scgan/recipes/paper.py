"""The recipe ``paper``."""

from __future__ import annotations

from scgan.config import (
    Config,
    DiscriminatorSettings,
    GeneratorSettings,
    LogSettings,
    LossSettings,
    OptimizerSettings,
    SegmentorSettings,
    TrainingSettings,
)


def paper() -> Config:
    """Algorithm 1 and section 5.2 as they stand: the defaults of all settings.

    The paper names no length but "convergence at epoch 20" (5.10): 20 × 162,770 CelebA images / 16 = 203,000 steps.
    """
    return Config(
        recipe="paper",
        method="scgan",
        generator=GeneratorSettings(optimizer=OptimizerSettings()),
        discriminator=DiscriminatorSettings(optimizer=OptimizerSettings()),
        segmentor=SegmentorSettings(optimizer=OptimizerSettings()),
        loss=LossSettings(),
        training=TrainingSettings(),
        log=LogSettings(),
    )
