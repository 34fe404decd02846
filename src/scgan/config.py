"""What can be chosen about a training, each default with its reason, and the named recipes. Does not import torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from scgan.errors import UserError


@dataclass(frozen=True)
class Optimizer:
    """Adam (section 5.2)."""

    learning_rate: float = 1e-4
    beta1: float = 0.5
    beta2: float = 0.999


@dataclass(frozen=True)
class Generator:
    """Table 2, left block.

    Attributes:
        width: channels of the first convolution and of the last block; all others are multiples of it.
        latent_size: n_z.
        every: updated once in so many steps (Algorithm 1's n_repeat).
        average_decay: decay of the moving average of the weights that becomes the model; 0 keeps the last weights.
        optimizer: its own Adam.
    """

    width: int = 64
    latent_size: int = 512
    every: int = 5
    average_decay: float = 0.0  # the paper names no average
    optimizer: Optimizer = field(default_factory=Optimizer)


@dataclass(frozen=True)
class Discriminator:
    """Table 2, middle block, with the classifier's head."""

    width: int = 64
    optimizer: Optimizer = field(default_factory=Optimizer)


@dataclass(frozen=True)
class Segmentor:
    """Table 2, right block.

    Attributes:
        width: channels of the first convolution.
        steps_before: steps of a stage before the others in which it is trained alone.
        together: whether it goes on learning beside the others (Algorithm 1) or is fixed (section 5.7).
        input_noise: standard deviation of the noise added to what it sees, images in [-1, 1].
        optimizer: its own Adam.
    """

    width: int = 64
    steps_before: int = 0
    together: bool = True
    input_noise: float = 0.0
    optimizer: Optimizer = field(default_factory=Optimizer)


@dataclass(frozen=True)
class Loss:
    """Weights of the terms (equations 4–12).

    Attributes:
        adversarial: a name in ``scgan.losses.ADVERSARIAL``.
        penalty: λ_gp, or γ/2 of R1.
        penalty_every: the penalty is computed once in so many steps, then weighted by that number.
        classification: λ_cls.
        segmentation: λ_seg.
        mode_seeking: weight of the term that keeps the latent from being ignored; 0 leaves it out.
    """

    adversarial: Literal["wasserstein", "logistic"] = "wasserstein"
    penalty: float = 10.0
    penalty_every: int = 1
    classification: float = 5.0
    segmentation: float = 1.0
    mode_seeking: float = 0.0


@dataclass(frozen=True)
class Training:
    """How long, on what, and how.

    Attributes:
        steps: passes of the loop after the segmentor's own stage; each reads one batch of real images.
        batch_size: items in the global batch, over all processes.
        seed: decides weights, order, latents and every other random number.
        flip: mirror half of the images, left and right classes exchanged.
        precision: "32-true", "64-true", "bf16-mixed", or "auto": bf16-mixed where the processor multiplies bfloat16
            matrices in hardware, else 32-true.
        accelerator: "auto", "cpu", "cuda", …
        devices: processes or GPUs on each node; the batch is divided among them.
        nodes: number of nodes.
    """

    steps: int = 203_000
    batch_size: int = 16
    seed: int = 0
    flip: bool = False  # the paper names no augmentation
    precision: Literal["auto", "32-true", "64-true", "bf16-mixed"] = "32-true"
    accelerator: str = "auto"
    devices: int = 1
    nodes: int = 1


@dataclass(frozen=True)
class Log:
    """How often something is written, in steps.

    Attributes:
        every: a line of the log.
        samples_every: a grid of samples with inputs that stay the same.
        checkpoint_every: a state to go on from.
        checkpoints_kept: so many of the newest states stay.
    """

    every: int = 20
    samples_every: int = 500
    checkpoint_every: int = 500
    checkpoints_kept: int = 3


@dataclass(frozen=True)
class Config:
    """Everything a training depends on besides its data."""

    recipe: str = "paper"
    method: str = "scgan"
    generator: Generator = field(default_factory=Generator)
    discriminator: Discriminator = field(default_factory=Discriminator)
    segmentor: Segmentor = field(default_factory=Segmentor)
    loss: Loss = field(default_factory=Loss)
    training: Training = field(default_factory=Training)
    log: Log = field(default_factory=Log)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any], where: str) -> Config:
        """Read what ``to_json`` wrote.

        Raises:
            UserError: a key is unknown or missing; ``where`` names the file.
        """
        try:
            values = dict(values)
            generator = dict(values.pop("generator"))
            discriminator = dict(values.pop("discriminator"))
            segmentor = dict(values.pop("segmentor"))
            return Config(
                generator=Generator(optimizer=Optimizer(**generator.pop("optimizer")), **generator),
                discriminator=Discriminator(optimizer=Optimizer(**discriminator.pop("optimizer")), **discriminator),
                segmentor=Segmentor(optimizer=Optimizer(**segmentor.pop("optimizer")), **segmentor),
                loss=Loss(**values.pop("loss")),
                training=Training(**values.pop("training")),
                log=Log(**values.pop("log")),
                **values,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(f"{where} does not hold a configuration of this version of scgan ({error}).") from error

    def check(self) -> None:
        """Refuse values that cannot work.

        Raises:
            UserError: names the setting and what it may be.
        """
        settings = flat(self)
        for name, least in _LEAST.items():
            if not settings[name] >= least:  # so that NaN is refused too
                raise UserError(f"--{name} is {settings[name]}: it must be at least {least}.")
        for name in _SHARES:
            if not 0 <= settings[name] < 1:
                raise UserError(f"--{name} is {settings[name]}: it must lie in [0, 1).")
        processes = self.training.devices * self.training.nodes
        if self.training.batch_size % processes:
            raise UserError(
                f"--training.batch_size {self.training.batch_size} cannot be divided among {processes} processes."
            )
        if self.loss.mode_seeking and (self.training.batch_size // processes) % 2:
            raise UserError("--loss.mode_seeking compares pairs: --training.batch_size must be even in each process.")


_LEAST = {
    "generator.width": 1,
    "generator.latent_size": 1,
    "generator.every": 1,
    "generator.optimizer.learning_rate": 0,
    "discriminator.width": 1,
    "discriminator.optimizer.learning_rate": 0,
    "segmentor.width": 2,  # its last but one layer has half as many channels
    "segmentor.steps_before": 0,
    "segmentor.input_noise": 0,
    "segmentor.optimizer.learning_rate": 0,
    "loss.penalty": 0,
    "loss.penalty_every": 1,
    "loss.classification": 0,
    "loss.segmentation": 0,
    "loss.mode_seeking": 0,
    "training.steps": 1,
    "training.batch_size": 1,
    "training.devices": 1,
    "training.nodes": 1,
    "log.every": 1,
    "log.samples_every": 1,
    "log.checkpoint_every": 1,
    "log.checkpoints_kept": 1,
}
_SHARES = (
    "generator.average_decay",
    "generator.optimizer.beta1",
    "generator.optimizer.beta2",
    "discriminator.optimizer.beta1",
    "discriminator.optimizer.beta2",
    "segmentor.optimizer.beta1",
    "segmentor.optimizer.beta2",
)


def paper() -> Config:
    """Algorithm 1 and section 5.2 as they stand.

    The paper names no length but "convergence at epoch 20" (5.10): 20 × 162,770 CelebA images / 16 = 203,000 steps.
    """
    return Config()


def cpu() -> Config:
    """Our recipe for small machines: faces at 64×64 that obey within half an hour on two cores."""
    return Config(
        recipe="cpu",
        generator=Generator(
            # A quarter of the paper's multiplications at a size where fine texture is not to be seen.
            width=32,
            latent_size=64,
            # The logistic loss needs no critic near its optimum, so no repeats.
            every=1,
            # Averages over about 500 updates: single steps of so small a batch are rough.
            average_decay=0.998,
            # β1 = 0: with alternating single steps momentum overshoots the moving target.
            optimizer=Optimizer(learning_rate=2e-4, beta1=0.0, beta2=0.99),
        ),
        discriminator=Discriminator(width=32, optimizer=Optimizer(learning_rate=4e-4, beta1=0.0, beta2=0.99)),
        segmentor=Segmentor(
            width=24,
            # A generator that is led by an untrained segmentor learns nothing; this stage takes a minute.
            steps_before=600,
            # Fixed afterwards: on real images alone it would only go on over-fitting, and its update costs time.
            together=False,
            # A segmentor that saw only clean photos is fooled by glitter; noise makes its gradients smooth.
            input_noise=0.2,
            optimizer=Optimizer(learning_rate=1e-3, beta1=0.9, beta2=0.999),
        ),
        loss=Loss(
            # Wasserstein with one critic step gave tiles and glitter; logistic with R1 gave faces.
            adversarial="logistic",
            penalty=1.0,
            # The penalty is half of a step's work; once in eight steps with eight times the weight does as well.
            penalty_every=8,
            classification=1.0,
            segmentation=2.0,
            # Without it mask and label decide everything and the latent nothing.
            mode_seeking=0.15,
        ),
        training=Training(steps=4000, flip=True, precision="auto"),
    )


RECIPES = {"paper": paper, "cpu": cpu}


def recipe(name: str) -> Config:
    """The named recipe.

    Raises:
        UserError: there is none of that name.
    """
    if name not in RECIPES:
        raise UserError(f"unknown recipe {name!r}: choose {' or '.join(RECIPES)}.")
    return RECIPES[name]()


def flat(config: Config) -> dict[str, Any]:
    """Every setting by its dotted name: ``{"generator.optimizer.beta1": 0.5, …}``."""

    def walk(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
        leaves: dict[str, Any] = {}
        for name, value in values.items():
            leaves |= walk(f"{prefix}{name}.", value) if isinstance(value, dict) else {f"{prefix}{name}": value}
        return leaves

    return walk("", config.to_json())


def with_settings(config: Config, settings: dict[str, Any]) -> Config:
    """``config`` with some settings, named as in ``flat``, replaced."""
    values = config.to_json()
    for name, value in settings.items():
        *path, last = name.split(".")
        part = values
        for key in path:
            part = part[key]
        part[last] = value
    return Config.from_json(values, "the command line")
