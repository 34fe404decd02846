"""A training that starts from the networks of another one: from all of a run's, or from those of a model folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from scgan.config import Config, flat
from scgan.data.prepared import PreparedDataset
from scgan.models.description import Description, Origin, files_of, read_description
from scgan.models.find import find_model
from scgan.models.folder import GENERATOR_FILE, load_model
from scgan.training.checkpoint import Checkpoint, load_checkpoint
from scgan.training.update import Method
from scgan.utils.errors import UserError
from scgan.utils.text import join_names

Weights = dict[str, Tensor]

# What decides the shapes of networks, besides the schema. Of the weights of losses it matters only whether they are 0.
_SHAPING = (
    "generator.width",
    "generator.order",
    "generator.latent_size",
    "discriminator.width",
    "segmentor.width",
    "spade.scales",
)
_LEAVING_OUT = ("loss.classification",)


class WarmStart(NamedTuple):
    """The networks that a training begins with; all tensors are on the CPU.

    Attributes:
        name: what a person called it.
        description: of its model.
        origins: itself as the last, before it what it was started from.
        networks: by their names in the method; of a model folder only the segmentor, if it is there.
        ema: EMA of the weights of the method's model; it serves as that model where ``networks`` lacks it.
        ema_updates: number of updates that the EMA holds.
    """

    name: str
    description: Description
    origins: tuple[Origin, ...]
    networks: dict[str, Weights]
    ema: Weights
    ema_updates: int


def read_warm_start(name: str) -> WarmStart:
    """Read the newest checkpoint of a run, or a model folder where there is none.

    Args:
        name: as ``find_model`` takes it.

    Raises:
        UserError: there is no such model, or it is damaged.
    """
    path = find_model(name)
    description = read_description(path)
    called = str(path.resolve()) if path == Path(name) else name
    checkpoint = load_checkpoint(path / "checkpoints", torch.device("cpu"))
    start = _of_model_folder(name, path, description) if checkpoint is None else _of_run(name, description, checkpoint)
    *earlier, last = start.origins
    return start._replace(origins=(*earlier, Origin(**{**vars(last), "model": called})))


def apply_warm_start(
    start: WarmStart, method: Method, ema: AveragedModel, dataset: PreparedDataset, config: Config
) -> tuple[list[str], list[str]]:
    """Put the weights into the networks of a new training and into its EMA.

    Returns:
        The names of the networks that were taken over, and of those that stay as they are.

    Raises:
        UserError: method, classes, attributes, size or shapes differ; says which.
    """
    theirs = start.description
    if theirs.config.method != config.method:
        raise UserError(
            f"{start.name} was trained with --method {theirs.config.method}, this is {config.method}: their networks "
            "differ."
        )
    dataset.schema.require_same(theirs.schema, str(dataset.path), start.name)
    model_name = next(name for name, network in method.networks.items() if network is method.model)
    weights = {model_name: start.ema, **start.networks}
    taken = [name for name in method.networks if name in weights]
    try:
        for name in taken:
            method.networks[name].load_state_dict(weights[name])
        ema.module.load_state_dict(start.ema)
        ema.n_averaged.fill_(start.ema_updates)
    except RuntimeError as error:
        raise UserError(
            f"{start.name} does not fit this training: {_differences(theirs.config, config, error)}."
        ) from error
    return taken, [name for name in method.networks if name not in weights]


def _of_run(name: str, description: Description, checkpoint: Checkpoint) -> WarmStart:
    state = checkpoint.state
    try:
        ema = dict(state["ema"])
        updates = int(ema.pop("n_averaged"))
        origin = Origin(
            name, checkpoint.step, description.fingerprint, checkpoint.digest[:16], round(state["seconds"], 1)
        )
        return WarmStart(
            name,
            description,
            (*description.about.started_from, origin),
            dict(state["networks"]),
            {name.removeprefix("module."): value for name, value in ema.items()},
            updates,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"the newest checkpoint of {name} is not one of a training of scgan ({error!r}).") from error


def _of_model_folder(name: str, path: Path, description: Description) -> WarmStart:
    model = load_model(path)
    digest = hashlib.sha256((files_of(path) / GENERATOR_FILE).read_bytes()).hexdigest()
    origin = Origin(name, model.step, model.fingerprint, digest[:16], model.about.seconds)
    networks = {} if model.segmentor is None else {"segmentor": model.segmentor.state_dict()}
    # The EMA continues with the model's steps behind it: otherwise its first updates would forget a good model.
    return WarmStart(
        name,
        description,
        (*model.about.started_from, origin),
        networks,
        ema=model.generator.state_dict(),
        ema_updates=model.step,
    )


def _differences(theirs: Config, mine: Config, error: RuntimeError) -> str:
    """The settings that make the shapes differ, or what torch says where no setting does."""
    a, b = flat(theirs), flat(mine)
    found = [f"--{name} {a[name]}, not {b[name]}" for name in _SHAPING if a[name] != b[name]]
    found += [f"--{name} {a[name]:g}, not {b[name]:g}" for name in _LEAVING_OUT if bool(a[name]) != bool(b[name])]
    return f"it was trained with {join_names(found)}" if found else " ".join(str(error).split())[:200]
