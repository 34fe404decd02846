"""Warm start: the networks of a run's checkpoint, or of a model folder, become those of a new training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from scgan.config import OPTIONAL_NETWORK, SHAPING, Config, features_used, flat, marked
from scgan.data.prepared import PreparedDataset
from scgan.models.description import GENERATOR_FILE, Description, Origin, files_of, read_description
from scgan.models.find import find_model
from scgan.models.folder import load_model
from scgan.runs.growing import can_grow, load_inner, require_growable
from scgan.training.checkpoint import Checkpoint, load_checkpoint
from scgan.training.ema import EMA
from scgan.training.update import Method
from scgan.utils.errors import UserError
from scgan.utils.json_files import file_digest
from scgan.utils.text import join_names

Weights = dict[str, Tensor]


class WarmStart(NamedTuple):
    """Networks that a new training begins with; all tensors are on the CPU.

    Attributes:
        name: folder or name of the model, as it was given.
        description: content of its model.json.
        origins: the model itself as the last, before it the models of its own warm starts.
        networks: weights by the names of networks in the method; of a model folder only the segmentor, if present.
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
    recorded_name = str(path.resolve()) if path == Path(name) else name
    checkpoint = load_checkpoint(path / "checkpoints", torch.device("cpu"))
    if checkpoint is None:
        warm_start = _from_model_folder(name, path, description)
    else:
        warm_start = _from_checkpoint(name, description, checkpoint)
    *earlier, last = warm_start.origins
    return warm_start._replace(origins=(*earlier, Origin(**{**vars(last), "model": recorded_name})))


def apply_warm_start(
    warm_start: WarmStart, method: Method, ema: EMA, dataset: PreparedDataset, config: Config
) -> tuple[list[str], list[str]]:
    """Put the weights into the networks of a new training and into its EMA.

    Returns:
        Names of the networks that were loaded, and of those that keep their initial weights.

    Raises:
        UserError: method, classes, attributes, size or shapes differ; says which.
    """
    description = warm_start.description
    if description.config.method != config.method:
        raise UserError(
            f"{warm_start.name} was trained with --method {description.config.method}, this is {config.method}: their "
            "networks differ."
        )
    if dataset.schema.image_size == 2 * description.schema.image_size:
        return grow(warm_start, method, ema, dataset, config)
    dataset.schema.require_same(description.schema, str(dataset.path), warm_start.name)
    model_name = next(name for name, network in method.networks.items() if network is method.model)
    weights = {model_name: warm_start.ema, **warm_start.networks}
    loaded = [name for name in method.networks if name in weights]
    try:
        for name in loaded:
            method.networks[name].load_state_dict(weights[name])
        ema.module.load_state_dict(warm_start.ema)
        ema.n_averaged.fill_(warm_start.ema_updates)
    except RuntimeError as error:
        raise UserError(
            f"{warm_start.name} does not fit this training: {_differences(description.config, config, error)}."
        ) from error
    return loaded, [name for name in method.networks if name not in weights]


def grow(
    warm_start: WarmStart, method: Method, ema: EMA, dataset: PreparedDataset, config: Config
) -> tuple[list[str], list[str]]:
    """Start from a model of half the image size: inner layers take its weights, the outer ones start from scratch.

    The EMA starts from the grown network and follows it at once, because its outer layers are new.

    Returns:
        As ``apply_warm_start``.

    Raises:
        UserError: the data differ in more than the size, or the inner layers would not have the model's shapes; says
            with which settings they have.
    """
    schema = replace(warm_start.description.schema, image_size=dataset.schema.image_size)
    dataset.schema.require_same(schema, str(dataset.path), warm_start.name)
    require_growable(warm_start.name, warm_start.description, config, "discriminator" in warm_start.networks)
    weights = {"generator": warm_start.ema, **warm_start.networks}
    loaded = [name for name in method.networks if name in weights and can_grow(name)]
    for name in loaded:
        load_inner(name, method.networks[name], weights[name])
    load_inner("generator", ema.module, warm_start.ema)
    return loaded, [name for name in method.networks if name not in loaded]


def _from_checkpoint(name: str, description: Description, checkpoint: Checkpoint) -> WarmStart:
    state = checkpoint.state
    try:
        ema = dict(state["ema"])
        updates = int(ema.pop("n_averaged"))
        origin = Origin(
            name,
            checkpoint.step,
            description.fingerprint,
            checkpoint.digest[:16],
            round(state["seconds"], 1),
            tuple(features_used(description.config)),
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


def _from_model_folder(name: str, path: Path, description: Description) -> WarmStart:
    model = load_model(path)
    digest = file_digest(files_of(path) / GENERATOR_FILE)
    features = tuple(features_used(description.config))
    origin = Origin(name, model.step, model.fingerprint, digest[:16], model.about.seconds, features)
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


def _differences(earlier: Config, config: Config, error: RuntimeError) -> str:
    """The settings that make the shapes of networks differ, or torch's message where none does."""
    old, new = flat(earlier), flat(config)
    names = [name for name in marked(type(config), SHAPING) if old[name] != new[name]]
    names += [name for name in marked(type(config), OPTIONAL_NETWORK) if bool(old[name]) != bool(new[name])]
    if not names:
        return " ".join(str(error).split())[:200]
    differences = (f"--{name} {_short(old[name])}, not {_short(new[name])}" for name in names)
    return f"it was trained with {join_names(differences)}"


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
