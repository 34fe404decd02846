"""Settings of a training: types, bounds, defaults (the paper's) and descriptions. Does not import torch.

The docstrings below the settings are the help of ``scgan train``. ``scgan.recipes`` reads and changes configurations.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

RESUMABLE = "resumable"
"""Marks settings that may change when a run is resumed."""
SHAPING = "shaping"
"""Marks settings that decide the shapes of networks."""
OPTIONAL_NETWORK = "optional network"
"""Marks weights of losses without which a network, or a part of one, is left out."""

MAX_WIDTH, MAX_LATENT_SIZE = 1024, 65_536
"""Bounds of networks: larger ones fit into no memory, and are asked for by mistake or malice only."""

MAX_STEPS, MAX_MINUTES = 49_999_999, 10_000_000
"""Bounds of a stage: the names of checkpoints have eight digits."""


@dataclass(frozen=True)
class FeaturesOf:
    """Marks settings that, unless they are off, train on the features of a pretrained network.

    Attributes:
        name: of the features, as in ``scgan.evaluation.features.FEATURES``; they must not judge what was trained on
            them.
        off: value with which the setting uses no features.
    """

    name: str
    off: float | str = 0


class Settings(BaseModel):
    """Group of settings, each with its type, bounds, default and, as docstring, its help."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class OptimizerSettings(Settings):
    """Adam (section 5.2)."""

    learning_rate: Annotated[float, RESUMABLE] = Field(1e-4, ge=0)
    """Adam's learning rate."""
    beta1: float = Field(0.5, ge=0, lt=1)
    """Adam's β₁."""
    beta2: float = Field(0.999, ge=0, lt=1)
    """Adam's β₂."""


class GeneratorSettings(Settings):
    """Generator (table 2, left block)."""

    width: Annotated[int, SHAPING] = Field(64, ge=1, le=MAX_WIDTH)
    """Channels of the first convolution and of the last block; all others are multiples of it."""
    order: Annotated[Literal["step-by-step", "reversed"], SHAPING] = "step-by-step"
    """Order in which the inputs are injected (section 5.9); SCGAN only."""
    latent_size: Annotated[int, SHAPING] = Field(512, ge=1, le=MAX_LATENT_SIZE)
    """Size n_z of the latent."""
    latent_channels: Annotated[int, SHAPING] = Field(0, ge=0, le=2 * MAX_WIDTH)
    """Channels of the latent's 8×8 features, 0 for as many as width; SCGAN only."""
    join_size: Annotated[int, SHAPING] = Field(0, ge=0)
    """Height of the features that the attributes are concatenated with (in the reversed order the segmentation, too), 0
    for a quarter of the image size; SCGAN only."""
    modulation: Annotated[Literal["none", "adain"], SHAPING] = "none"
    """Modulation of all blocks by latent and attributes, besides their concatenation: adain scales and shifts the
    instance norms (Karras et al. 2019); SCGAN only."""
    update_every: int = Field(5, ge=1)
    """Steps between updates of the generator (n_repeat of algorithm 1)."""
    ema_decay: float = Field(0.0, ge=0, lt=1)  # the paper mentions no EMA
    """Decay of the exponential moving average (EMA) of the weights that becomes the model; 0 keeps the last weights."""
    optimizer: OptimizerSettings


class DiscriminatorSettings(Settings):
    """Discriminator with the classifier's head (table 2, middle block).

    ``color``, ``shift`` and ``cutout`` keep it from memorizing a small data set (DiffAugment, Zhao et al. 2020). The
    generator does not learn them, because real and generated images are augmented alike.
    """

    width: Annotated[int, SHAPING] = Field(64, ge=1, le=MAX_WIDTH)
    """Channels of the first convolution, doubled at each further one; on features, of the finest scale."""
    features: Annotated[
        Literal["none", "efficientnet-lite0"], SHAPING, FeaturesOf("efficientnet-lite0", off="none")
    ] = "none"
    """Frozen features that the discriminator sees in place of the image (Sauer et al. 2021; extra eval); SCGAN only."""
    sees_image: Annotated[bool, SHAPING] = False
    """On features: one more small discriminator sees the image itself (Kumari et al. 2022)."""
    color: float = Field(0.0, ge=0, le=1)
    """Augmentation: brightness, saturation and contrast of images, real and generated, change by up to this share of
    DiffAugment's changes."""
    shift: float = Field(0.0, ge=0, lt=1)
    """Augmentation: images, real and generated, are moved by up to this share of their size."""
    cutout: float = Field(0.0, ge=0, lt=1)
    """Augmentation: a square of this share of the size is greyed in images, real and generated."""
    optimizer: OptimizerSettings

    @model_validator(mode="after")
    def _require_features(self) -> Self:
        if self.sees_image and self.features == "none":
            raise ValueError("discriminator.sees_image adds the image to discriminator.features, which are none")
        return self


class SegmentorSettings(Settings):
    """Segmentor (table 2, right block)."""

    width: Annotated[int, SHAPING] = Field(64, ge=2, le=MAX_WIDTH)  # its last but one layer has half as many channels
    """Channels of the first convolution."""
    pretrain_steps: int = Field(0, ge=0, le=MAX_STEPS)
    """Steps of the stage before all others in which the segmentor is trained alone."""
    joint: bool = True
    """Train the segmentor together with the other networks (algorithm 1) instead of fixing it (section 5.7)."""
    input_blur: bool = False
    """Blur the segmentor's input with a binomial 3×3 filter."""
    input_noise: float = Field(0.0, ge=0)
    """Standard deviation of the noise added to the segmentor's input, images in [-1, 1]."""
    optimizer: OptimizerSettings


class LossSettings(Settings):
    """Weights of the loss terms (equations 4–12). A network that no term needs is neither built nor trained.

    ``adversarial``, the gradient penalty and ``classification`` serve WGAN-GP and ACWGAN too; the other methods have
    the losses of their own papers.
    """

    adversarial: Literal["wasserstein", "logistic", "hinge", "relativistic"] = "wasserstein"
    """Adversarial loss: Wasserstein with gradient penalty (equation 7), logistic or hinge with R1, or relativistic with
    R1 and R2 (R3GAN, Huang et al. 2024)."""
    gradient_penalty: float = Field(10.0, ge=0)
    """Weight λ_gp of the gradient penalty, or γ/2 of R1 and R2; 0 leaves it out."""
    gradient_penalty_every: int = Field(1, ge=1)
    """Steps between computations of the penalty; its weight is multiplied by this number."""
    classification: Annotated[float, OPTIONAL_NETWORK] = Field(5.0, ge=0)
    """Weight λ_cls of the classification loss; 0 leaves the classifier out (section 5.10)."""
    segmentation: float = Field(1.0, ge=0)
    """Weight λ_seg of the segmentation loss; 0 leaves the segmentor out (section 5.10)."""
    class_balance: float = Field(0.0, ge=0)
    """Extra weight of small classes in the segmentation loss; 0 none, 1 all classes of an image weigh the same."""
    mode_seeking: float = Field(0.0, ge=0)
    """Weight of the mode seeking loss, which keeps the latent from being ignored; 0 leaves it out."""
    reconstruction: float = Field(0.0, ge=0)
    """Weight of the reconstruction loss: the second half of the fakes has masks, attributes and latents of the batch's
    own photos, the latents found by an encoder (cVAE-GAN, Zhu et al. 2017b); 0 leaves the encoder out. SCGAN only."""


class TrainingSettings(Settings):
    """Length, batches and devices."""

    steps: Annotated[int, RESUMABLE] = Field(203_000, ge=1, le=MAX_STEPS)
    """Steps after the segmentor's own stage; each reads one batch of real images."""
    minutes: Annotated[float, RESUMABLE] = Field(0.0, ge=0, le=MAX_MINUTES)
    """Minutes after which the training ends, even if steps are left; 0 sets no limit."""
    batch_size: int = Field(16, ge=1)
    """Items of the global batch, over all processes."""
    seed: int = Field(0, ge=1 - 2**63, le=2**63 - 1)
    """Seed of weights, order of items, latents and all other random numbers."""
    flip: bool = False  # the paper mentions no augmentation
    """Mirror half of the images; left and right classes are exchanged."""
    warp: float = Field(0.0, ge=0, le=0.5)
    """Turn images by up to this many radians, scale them by up to its exponential, move them by up to half of it as a
    share of the size; masks alike."""
    precision: Literal["auto", "32-true", "64-true", "bf16-mixed"] = "32-true"
    """Number format; auto is bf16-mixed where the processor multiplies bfloat16 matrices in hardware, else 32-true."""
    accelerator: Annotated[str, RESUMABLE] = "auto"
    """Kind of device: auto, cpu, cuda or another one of Lightning."""
    devices: Annotated[int, RESUMABLE] = Field(1, ge=1)
    """Processes or GPUs on each node; the batch is divided among them."""
    nodes: Annotated[int, RESUMABLE] = Field(1, ge=1)
    """Number of nodes."""


class LogSettings(Settings):
    """Tracker of the losses; intervals of logs, samples and checkpoints, in steps."""

    tracker: Annotated[Literal["tensorboard", "wandb", "mlflow", "none"], RESUMABLE] = "tensorboard"
    """Place that losses go to besides log.jsonl; each needs the extra of its name."""
    scalars_every: Annotated[int, RESUMABLE] = Field(20, ge=1)
    """Steps between lines of the log."""
    samples_every: Annotated[int, RESUMABLE] = Field(500, ge=1)
    """Steps between grids of sample images, always of the same inputs."""
    checkpoint_every: Annotated[int, RESUMABLE] = Field(500, ge=1)
    """Steps between checkpoints, from which a run resumes."""
    keep_checkpoints: Annotated[int, RESUMABLE] = Field(3, ge=1)
    """Number of newest checkpoints to keep."""


class Config(Settings):
    """Everything a training depends on besides its data.

    A method with settings of its own subclasses it and adds one group, named like the method.
    """

    recipe: str
    """Recipe that the settings come from."""
    method: str
    """Method to train."""
    generator: GeneratorSettings
    discriminator: DiscriminatorSettings
    segmentor: SegmentorSettings
    loss: LossSettings
    training: TrainingSettings
    log: LogSettings

    @model_validator(mode="after")
    def _require_divisible_batch(self) -> Self:
        batch_size, processes = self.training.batch_size, self.training.devices * self.training.nodes
        if batch_size % processes:
            raise ValueError(f"training.batch_size {batch_size} cannot be divided among {processes} processes")
        share = batch_size // processes
        pairs = share - share // 2 if self.loss.reconstruction else share
        if self.method == "scgan" and self.loss.mode_seeking and pairs % 2:
            raise ValueError(
                "loss.mode_seeking compares pairs: training.batch_size must be even in each process, and with "
                "loss.reconstruction divisible by 4"
            )
        return self


def groups(settings: type[Settings]) -> dict[str, type[Settings]]:
    """Groups of settings directly within a class, by name."""
    return {
        name: field.annotation
        for name, field in settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Settings)
    }


def fields(settings: type[Settings]) -> dict[str, FieldInfo]:
    """Every setting of a class by its dotted name, ``"generator.optimizer.beta1"``, with type, bounds and description.

    Markers such as ``RESUMABLE`` stand in ``metadata``.
    """
    inner = groups(settings)
    leaves = {name: field for name, field in settings.model_fields.items() if name not in inner}
    for group, group_settings in inner.items():
        leaves |= {f"{group}.{name}": field for name, field in fields(group_settings).items()}
    return leaves


def marked(settings: type[Settings], marker: str) -> list[str]:
    """Dotted names of the settings with a marker."""
    return [name for name, field in fields(settings).items() if marker in field.metadata]


def flat(config: Config) -> dict[str, Any]:
    """Every setting by its dotted name: ``{"generator.optimizer.beta1": 0.5, …}``."""
    return {name: attrgetter(name)(config) for name in fields(type(config))}


def features_used(config: Config) -> dict[str, str]:
    """Sets of pretrained features that a training with these settings uses, each with the setting that does so."""
    values = flat(config)
    return {
        marker.name: name
        for name, field in fields(type(config)).items()
        for marker in field.metadata
        if isinstance(marker, FeaturesOf) and values[name] != marker.off
    }
