"""The recipe ``cpu``."""

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


def cpu() -> Config:
    """Recipe for small machines: faces at 64×64 that follow mask and attributes after half an hour on two cores."""
    return Config(
        recipe="cpu",
        method="scgan",
        generator=GeneratorSettings(
            # A quarter of the paper's multiplications, at a size where fine texture cannot be seen.
            width=32,
            # The variety of some thousand photos needs no more, and 512 cost an eighth of the parameters.
            latent_size=64,
            # The logistic loss needs no discriminator near its optimum, so no repeats.
            update_every=1,
            # Averages over about 500 updates: single steps of so small a batch are rough.
            ema_decay=0.998,
            # β1 = 0: with alternating single steps momentum overshoots the moving target. Ten times the paper's rate:
            # at 2e-4 a woven pattern covers the images of the first thousand steps, at 1e-3 they are clean after 500.
            optimizer=OptimizerSettings(learning_rate=1e-3, beta1=0.0, beta2=0.99),
        ),
        discriminator=DiscriminatorSettings(
            width=32, optimizer=OptimizerSettings(learning_rate=1e-3, beta1=0.0, beta2=0.99)
        ),
        segmentor=SegmentorSettings(
            width=32,
            # A generator led by an untrained segmentor learns nothing; this stage takes two minutes.
            pretrain_steps=1200,
            # Fixed afterwards: on real images alone it would only overfit further, and its update costs time.
            joint=False,
            # A segmentor that saw only clean photos accepts glitter; blur and noise make its gradients smooth.
            input_blur=True,
            input_noise=0.1,
            optimizer=OptimizerSettings(learning_rate=1e-3, beta1=0.9, beta2=0.999),
        ),
        loss=LossSettings(
            # Wasserstein with one discriminator step gave tiles and glitter; logistic with R1 gave faces.
            adversarial="logistic",
            gradient_penalty=1.0,
            # The penalty is half of a step's work; every eight steps with eight times the weight works as well.
            gradient_penalty_every=8,
            # A weight of 1 raised attribute accuracy no further (.94; real images .85), but moved images away from
            # photos (kernel distance .90, now .60 at 32×32) and lowered mask accuracy (.86, now .93 normalised).
            classification=0.2,
            # With weight 2 and all pixels alike, eyes and lips stayed near the floor (IoU normalised .2 after 2,400
            # steps); with these, .35 and .71 after 1,300.
            segmentation=3.0,
            class_balance=0.5,
            # Without it mask and attributes decide everything and the latent nothing; more of it roughens the
            # background.
            mode_seeking=0.04,
        ),
        training=TrainingSettings(steps=4000, flip=True, precision="auto"),
        log=LogSettings(),
    )
