"""What can be chosen about a training, each default with its reason, and the named recipes. Does not import torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from scgan.utils.errors import UserError


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
        order: which input comes first, a name in ``scgan.networks.generator.GENERATORS``; SCGAN only.
        latent_size: n_z.
        update_every: updated once in so many steps (Algorithm 1's n_repeat).
        ema_decay: decay of the moving average of the weights that becomes the model; 0 keeps the last weights.
        optimizer: its own Adam.
    """

    width: int = 64
    order: Literal["step-by-step", "reversed"] = "step-by-step"  # section 5.9 compares them
    latent_size: int = 512
    update_every: int = 5
    ema_decay: float = 0.0  # the paper names no average
    optimizer: Optimizer = field(default_factory=Optimizer)


@dataclass(frozen=True)
class Discriminator:
    """Table 2, middle block, with the classifier's head.

    Attributes:
        width: channels of the first convolution, doubled at each.
        shift: it sees images, real ones and others, moved by up to this share of their size …
        cutout: … and with a square of this share of their size greyed. Both keep it from learning a small data set by
            heart (Zhao et al. 2020); the generator does not learn them, since all images are treated alike.
        optimizer: its own Adam.
    """

    width: int = 64
    shift: float = 0.0
    cutout: float = 0.0
    optimizer: Optimizer = field(default_factory=Optimizer)


@dataclass(frozen=True)
class Segmentor:
    """Table 2, right block.

    Attributes:
        width: channels of the first convolution.
        pretrain_steps: steps of a stage before the others in which it is trained alone.
        joint: whether it goes on learning beside the others (Algorithm 1) or is fixed (section 5.7).
        input_blur: whether it sees images through a binomial 3×3 filter.
        input_noise: standard deviation of the noise added to what it sees, images in [-1, 1].
        optimizer: its own Adam.
    """

    width: int = 64
    pretrain_steps: int = 0
    joint: bool = True
    input_blur: bool = False
    input_noise: float = 0.0
    optimizer: Optimizer = field(default_factory=Optimizer)


@dataclass(frozen=True)
class Loss:
    """Weights of the terms (equations 4–12). A network that no term needs is neither built nor trained.

    The first three and the classification serve WGAN-GP and ACWGAN too; the others have their own papers' losses.

    Attributes:
        adversarial: a name in ``scgan.losses.ADVERSARIAL_LOSSES``.
        gradient_penalty: λ_gp, or γ/2 of R1.
        gradient_penalty_every: the penalty is computed once in so many steps, then weighted by that number.
        classification: λ_cls; 0 leaves the classifier out (section 5.10).
        segmentation: λ_seg; 0 leaves the segmentor out (section 5.10).
        class_balance: how much more a pixel of a small class weighs in it; 0 not at all, 1 all classes of an image weigh
            the same.
        mode_seeking: weight of the term that keeps the latent from being ignored; 0 leaves it out.
    """

    adversarial: Literal["wasserstein", "logistic"] = "wasserstein"
    gradient_penalty: float = 10.0
    gradient_penalty_every: int = 1
    classification: float = 5.0
    segmentation: float = 1.0
    class_balance: float = 0.0
    mode_seeking: float = 0.0


@dataclass(frozen=True)
class Pix2Pix:
    """Isola et al. 2017.

    Attributes:
        l1: λ of the absolute difference from the photo (equation 4).
    """

    l1: float = 100.0  # section 6.1


@dataclass(frozen=True)
class CycleGAN:
    """Zhu et al. 2017.

    Attributes:
        cycle: λ of equation 3.
        identity: weight of the identity term; 0 leaves it out.
        pool_size: so many older fakes are kept for the discriminators.
    """

    cycle: float = 10.0  # section 4
    identity: float = 5.0  # half of λ (section 5.2)
    pool_size: int = 50  # section 4


@dataclass(frozen=True)
class Spade:
    """Park et al. 2019, whose weights are those of pix2pixHD (Wang et al. 2018).

    Attributes:
        scales: discriminators, each seeing half the size of the one before.
        feature_matching: weight of the difference of the discriminators' features.
        perceptual: weight of the difference of EfficientNet-Lite0's features (extra ``eval``); 0 leaves it out. The
            paper has 10 with VGG, whose weights no package brings.
    """

    scales: int = 2
    feature_matching: float = 10.0
    # Off: realism is measured by the same features, and a method may not train on its grader.
    perceptual: float = 0.0


@dataclass(frozen=True)
class Training:
    """How long, on what, and how.

    Attributes:
        steps: passes of the loop after the segmentor's own stage; each reads one batch of real images.
        minutes: training ends after so many, however many steps are left; 0 sets no limit.
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
    minutes: float = 0.0
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
        scalars_every: a line of the log.
        samples_every: a grid of samples with inputs that stay the same.
        checkpoint_every: a state to go on from.
        keep_checkpoints: so many of the newest states stay.
    """

    scalars_every: int = 20
    samples_every: int = 500
    checkpoint_every: int = 500
    keep_checkpoints: int = 3


@dataclass(frozen=True)
class Config:
    """Everything a training depends on besides its data."""

    recipe: str = "paper"
    method: str = "scgan"
    generator: Generator = field(default_factory=Generator)
    discriminator: Discriminator = field(default_factory=Discriminator)
    segmentor: Segmentor = field(default_factory=Segmentor)
    loss: Loss = field(default_factory=Loss)
    pix2pix: Pix2Pix = field(default_factory=Pix2Pix)
    cyclegan: CycleGAN = field(default_factory=CycleGAN)
    spade: Spade = field(default_factory=Spade)
    training: Training = field(default_factory=Training)
    log: Log = field(default_factory=Log)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any], where: str) -> Config:
        """Read what ``to_json`` wrote; a method's own section may be missing, as in runs from before the method.

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
                pix2pix=Pix2Pix(**values.pop("pix2pix", {})),
                cyclegan=CycleGAN(**values.pop("cyclegan", {})),
                spade=Spade(**values.pop("spade", {})),
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
        if self.method not in METHOD_SETTINGS:
            raise UserError(f"--method {self.method!r} is unknown: choose {', '.join(METHOD_SETTINGS)}.")
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
    "generator.update_every": 1,
    "generator.optimizer.learning_rate": 0,
    "discriminator.width": 1,
    "discriminator.optimizer.learning_rate": 0,
    "segmentor.width": 2,  # its last but one layer has half as many channels
    "segmentor.pretrain_steps": 0,
    "segmentor.input_noise": 0,
    "segmentor.optimizer.learning_rate": 0,
    "loss.gradient_penalty": 0,
    "loss.gradient_penalty_every": 1,
    "loss.classification": 0,
    "loss.segmentation": 0,
    "loss.class_balance": 0,
    "loss.mode_seeking": 0,
    "pix2pix.l1": 0,
    "cyclegan.cycle": 0,
    "cyclegan.identity": 0,
    "cyclegan.pool_size": 1,
    "spade.scales": 1,
    "spade.feature_matching": 0,
    "spade.perceptual": 0,
    "training.steps": 1,
    "training.minutes": 0,
    "training.batch_size": 1,
    "training.devices": 1,
    "training.nodes": 1,
    "log.scalars_every": 1,
    "log.samples_every": 1,
    "log.checkpoint_every": 1,
    "log.keep_checkpoints": 1,
}
_SHARES = (
    "discriminator.shift",
    "discriminator.cutout",
    "generator.ema_decay",
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
            # The variety of some thousand photos needs no more, and 512 cost an eighth of the parameters.
            latent_size=64,
            # The logistic loss needs no critic near its optimum, so no repeats.
            update_every=1,
            # Averages over about 500 updates: single steps of so small a batch are rough.
            ema_decay=0.998,
            # β1 = 0: with alternating single steps momentum overshoots the moving target. Ten times the paper's rate:
            # at 2e-4 a woven noise covers the pictures of the first thousand steps, at 1e-3 they are clean after 500.
            optimizer=Optimizer(learning_rate=1e-3, beta1=0.0, beta2=0.99),
        ),
        discriminator=Discriminator(width=32, optimizer=Optimizer(learning_rate=1e-3, beta1=0.0, beta2=0.99)),
        segmentor=Segmentor(
            width=32,
            # A generator that is led by an untrained segmentor learns nothing; this stage takes two minutes.
            pretrain_steps=1200,
            # Fixed afterwards: on real images alone it would only go on over-fitting, and its update costs time.
            joint=False,
            # A segmentor that saw only clean photos is pleased by glitter; blur and noise make its gradients smooth.
            input_blur=True,
            input_noise=0.1,
            optimizer=Optimizer(learning_rate=1e-3, beta1=0.9, beta2=0.999),
        ),
        loss=Loss(
            # Wasserstein with one critic step gave tiles and glitter; logistic with R1 gave faces.
            adversarial="logistic",
            gradient_penalty=1.0,
            # The penalty is half of a step's work; once in eight steps with eight times the weight does as well.
            gradient_penalty_every=8,
            # With 1 attributes were no better obeyed (.94 of them seen as asked, of photos .85), but pictures farther
            # from photos (kernel distance .90, now .60 at 32×32) and masks less obeyed (.86, now .93 normalised).
            classification=0.2,
            # With weight 2 and all pixels alike, eyes and lips stayed near the floor (IoU normalised .2 after 2,400
            # steps); with these, .35 and .71 after 1,300.
            segmentation=3.0,
            class_balance=0.5,
            # Without it mask and label decide everything and the latent nothing; more of it roughens the background.
            mode_seeking=0.04,
        ),
        training=Training(steps=4000, flip=True, precision="auto"),
    )


RECIPES = {"paper": paper, "cpu": cpu}


def _adam(generator: float, discriminator: float, beta1: float, beta2: float) -> dict[str, Any]:
    return {
        "generator.optimizer": asdict(Optimizer(generator, beta1, beta2)),
        "discriminator.optimizer": asdict(Optimizer(discriminator, beta1, beta2)),
    }


_WGAN_GP: dict[str, Any] = {
    # Algorithm 1 of Gulrajani et al. 2017: λ = 10, five steps of the critic, Adam (0, 0.9).
    "loss.adversarial": "wasserstein",
    "loss.gradient_penalty": 10.0,
    "loss.gradient_penalty_every": 1,
    "loss.mode_seeking": 0.0,
    "generator.update_every": 5,
    **_adam(1e-4, 1e-4, 0.0, 0.9),
}

METHOD_SETTINGS: dict[str, dict[str, Any]] = {
    "scgan": {},
    "wgan-gp": {**_WGAN_GP, "loss.classification": 0.0},
    "acwgan": _WGAN_GP,
    # Section 3.3 of Isola et al. 2017, section 4 of Zhu et al. 2017.
    "pix2pix": {"generator.update_every": 1, **_adam(2e-4, 2e-4, 0.5, 0.999)},
    "cyclegan": {"generator.update_every": 1, **_adam(2e-4, 2e-4, 0.5, 0.999)},
    # Section 4 of Park et al. 2019.
    "spade": {"generator.update_every": 1, **_adam(1e-4, 4e-4, 0.0, 0.999)},
}
"""What a method's own paper says, in place of SCGAN's; widths, lengths and batches stay the recipe's."""


def recipe(name: str, method: str = "scgan") -> Config:
    """The named recipe, with the settings of ``method``'s own paper.

    Raises:
        UserError: there is no recipe or no method of that name.
    """
    if name not in RECIPES:
        raise UserError(f"unknown recipe {name!r}: choose {' or '.join(RECIPES)}.")
    if method not in METHOD_SETTINGS:
        raise UserError(f"unknown method {method!r}: choose {', '.join(METHOD_SETTINGS)}.")
    return with_settings(RECIPES[name](), {"method": method, **METHOD_SETTINGS[method]})


def flat(config: Config) -> dict[str, Any]:
    """Every setting by its dotted name: ``{"generator.optimizer.beta1": 0.5, …}``."""

    def walk(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
        leaves: dict[str, Any] = {}
        for name, value in values.items():
            leaves |= walk(f"{prefix}{name}.", value) if isinstance(value, dict) else {f"{prefix}{name}": value}
        return leaves

    return walk("", config.to_json())


def with_settings(config: Config, settings: dict[str, Any]) -> Config:
    """``config`` with some settings, named as in ``flat``, replaced.

    Raises:
        UserError: a name is unknown, or a value of a kind that the setting cannot have.
    """
    values = config.to_json()
    for name, value in settings.items():
        *path, last = name.split(".")
        part = values
        for key in path:
            part = part.get(key) if isinstance(part, dict) else None  # type: ignore[assignment]
        if not isinstance(part, dict) or last not in part:
            raise UserError(f"there is no setting {name!r}: `scgan train --print_config` shows them all.")
        part[last] = value
    return Config.from_json(values, "the command line")
