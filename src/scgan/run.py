"""A training run: prepared data and a configuration in, a run folder out."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import yaml
from lightning_fabric import Fabric
from torch import nn

from scgan.config import Config, Training, flat, with_settings
from scgan.data.prepared import PreparedDataset
from scgan.errors import UserError
from scgan.methods import METHODS
from scgan.methods.model_folder import Conditions, Model, example_conditions, save_model
from scgan.methods.start import Start, adopt, read_start
from scgan.models.description import About, Origin, without_places
from scgan.outputs import require_new_folder, written_file
from scgan.pictures import grid, png
from scgan.progress import say
from scgan.schema import colorize, listed
from scgan.synthesizer import Synthesizer
from scgan.training.batches import Batches
from scgan.training.precision import fastest_precision
from scgan.training.trainer import Periodic, Trainer

_SAMPLE_ROWS = 6
_SAMPLE_LATENTS = 3
_SAMPLE_LABELS = 3

# What may change between a run and its continuation without making it another run, and what mends a broken one.
_CHANGEABLE = (
    "training.steps",
    "training.minutes",
    "training.accelerator",
    "training.devices",
    "training.nodes",
    "log.",
    "generator.optimizer.learning_rate",
    "discriminator.optimizer.learning_rate",
    "segmentor.optimizer.learning_rate",
)


def train(
    data: Path, out: Path, config: Config, resume: bool, overwrite: bool = False, init_from: str | None = None
) -> bool:
    """Train a model on the train split of ``data``.

    The run folder ``out`` gets ``config.yaml``, ``data.json``, ``log.jsonl``, ``tensorboard/``, ``samples/``,
    ``checkpoints/`` and ``model/``.

    Args:
        data: a prepared folder.
        out: the run folder.
        config: what to train and how.
        resume: go on from the newest checkpoint in ``out``.
        overwrite: remove ``out`` first if it exists; without effect when resuming.
        init_from: a model whose networks the run begins with, as ``scgan.models.find_model`` takes it; not when
            resuming.

    Returns:
        True when the training is complete, false when Ctrl-C stopped it after saving.

    Raises:
        UserError: the data, the configuration, the run folder or ``init_from`` cannot be used.
        RunError: a loss became NaN.
    """
    dataset = PreparedDataset.open(data)
    if config.training.precision == "auto":
        config = with_settings(config, {"training.precision": fastest_precision(config.training.accelerator)})
    config.check()
    assert not (resume and init_from)
    start = read_start(init_from) if init_from else None
    origins = start.origins if start else ()
    if resume:
        _require_same_run(out, dataset, config)
        origins = load_origins(out)
    else:
        if out.exists() and not overwrite:
            raise UserError(
                f"{out} exists already: go on with it (--resume), replace it (--overwrite), or choose another."
            )
        require_new_folder(out, overwrite)
    torch.manual_seed(config.training.seed)
    training = config.training
    batches = Batches(dataset, dataset.split("train"), training.batch_size, training.seed, training.flip)
    fabric = _fabric(training)
    fabric.launch()
    with fabric.init_module():
        method = METHODS[config.method](dataset.schema, config)
    examples = example_conditions(dataset)
    about = About(data=without_places(dataset.source), started_from=_portable(origins))

    def model_of(step: int, generator: nn.Module) -> Model:
        segmentor = method.networks.get("segmentor")
        return Model(generator, dataset.schema, config, step, dataset.fingerprint, examples, None, segmentor, about)

    trainer = Trainer(
        fabric,
        method,
        batches,
        out,
        config.generator.average_decay,
        config.log.every,
        config.log.checkpoint_every,
        config.log.checkpoints_kept,
        [
            Periodic(
                config.log.samples_every, lambda s, g: _write_samples(out, examples, model_of(s, g), fabric.device)
            ),
            Periodic(config.log.checkpoint_every, lambda s, g: save_model(out / "model", model_of(s, g))),
        ],
        config.training.minutes,
    )
    if start:
        _begin_with(start, trainer, dataset, config)
    if fabric.is_global_zero:
        if not resume and out.exists():
            shutil.rmtree(out)
        _describe_run(out, dataset, config, origins)
    fabric.barrier()
    if start:
        trainer.save()  # from here on the run goes on by itself, whatever becomes of the model it began with
    if resume:
        if not trainer.resume() and origins:
            raise UserError(
                f"{out} was begun with --init-from {origins[-1].model} and has no checkpoint: start it anew, with "
                "--overwrite."
            )
        if fabric.is_global_zero:
            say(f"going on with {out} at step {trainer.step}")
    complete = trainer.run()
    if fabric.is_global_zero:
        if complete:
            print(f"the model is in {out / 'model'}; try it: scgan generate {out} --out pictures")
        else:
            say(f"stopped and saved; go on with: scgan train --out {out} --resume")
    return complete


def _fabric(training: Training) -> Fabric:
    try:
        return Fabric(
            accelerator=training.accelerator,
            devices=training.devices,
            num_nodes=training.nodes,
            precision=training.precision,  # type: ignore[arg-type]
            strategy="ddp" if training.devices * training.nodes > 1 else "auto",
        )
    except (RuntimeError, ValueError) as error:  # Lightning's MisconfigurationException is a RuntimeError
        reason = " ".join(str(error).split())
        raise UserError(
            f"this machine cannot train on --training.devices {training.devices} with --training.accelerator "
            f"{training.accelerator} ({reason})."
        ) from error


def _begin_with(start: Start, trainer: Trainer, dataset: PreparedDataset, config: Config) -> None:
    taken, fresh = adopt(start, trainer.method, trainer.average, dataset, config)
    if not trainer.fabric.is_global_zero:
        return
    say(
        f"starting from {start.name} at step {start.origins[-1].step}: its {listed(taken)} and the average"
        + (f"; {listed(fresh)} from scratch" if fresh else "")
    )
    if "segmentor" in taken and config.segmentor.steps_before:
        say(
            f"the segmentor is trained alone for {config.segmentor.steps_before} more steps first; "
            "--segmentor.steps_before 0 leaves that out"
        )


def _portable(origins: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """For a model that will be passed on."""
    return tuple(Origin(**without_places(asdict(origin))) for origin in origins)


def _describe_run(out: Path, dataset: PreparedDataset, config: Config, origins: tuple[Origin, ...]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with written_file(out / "config.yaml") as partial:
        partial.write_text(yaml.safe_dump(config.to_json(), sort_keys=False), encoding="utf-8")
    description = {
        "path": str(dataset.path.resolve()),
        "fingerprint": dataset.fingerprint,
        "source": dataset.source,
        "started_from": [asdict(origin) for origin in origins],
    }
    with written_file(out / "data.json") as partial:
        partial.write_text(json.dumps(description, indent=1), encoding="utf-8")


def load_config(run: Path) -> Config:
    """The configuration that a run was started with.

    Raises:
        UserError: ``run`` is not a run folder, or the file is damaged.
    """
    file = run / "config.yaml"
    if not file.is_file():
        raise UserError(f"{run} has no config.yaml: it is not the folder of a training run.")
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{file} is damaged ({' '.join(str(error).split())}).") from error
    return Config.from_json(values, str(file))


def load_origins(run: Path) -> tuple[Origin, ...]:
    """The models whose networks a run goes back to, the oldest first; none where it began from scratch.

    Raises:
        UserError: ``run`` is not a run folder, or the file is damaged.
    """
    file = run / "data.json"
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return tuple(Origin(**origin) for origin in values.get("started_from", ()))
    except (AttributeError, OSError, ValueError, TypeError) as error:
        raise UserError(f"{file} cannot be read ({error}): without it nobody knows how the run began.") from error


def load_data_description(run: Path) -> dict[str, str]:
    """The ``path`` and ``fingerprint`` of the data that a run was started with.

    Raises:
        UserError: ``run`` is not a run folder, or the file is damaged.
    """
    file = run / "data.json"
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return {name: str(values[name]) for name in ("path", "fingerprint")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{file} cannot be read ({error}): without it nobody knows the run's data.") from error


def _require_same_run(out: Path, dataset: PreparedDataset, config: Config) -> None:
    begun = flat(load_config(out))
    for name, value in flat(config).items():
        if value != begun[name] and not name.startswith(_CHANGEABLE):
            raise UserError(
                f"{out} was begun with --{name} {begun[name]}, not {value}: a continued run keeps its settings; "
                "leave this one out, or start a new run."
            )
    fingerprint = load_data_description(out)["fingerprint"]
    if fingerprint != dataset.fingerprint:
        raise UserError(
            f"{out} was begun with other data (fingerprint {fingerprint}; {dataset.path} has {dataset.fingerprint})."
        )


def _write_samples(out: Path, examples: Conditions, model: Model, device: torch.device) -> None:
    """A row for each mask: the mask; its own label with three latents; one latent with three other labels."""
    synthesizer = Synthesizer(model, str(device))
    rows = range(min(_SAMPLE_ROWS, len(examples.segmentations)))
    latents = synthesizer.sample_latent(_SAMPLE_LATENTS, seed=0)
    tiles = []
    for row in rows:
        mask = examples.segmentations[row]
        labels = [examples.attributes[row]] * _SAMPLE_LATENTS
        labels += [examples.attributes[(row + 1 + k) % len(examples.attributes)] for k in range(_SAMPLE_LABELS)]
        drawn = np.concatenate([latents, np.repeat(latents[:1], _SAMPLE_LABELS, 0)])
        tiles += [colorize(mask, model.schema), *synthesizer.generate(mask, np.stack(labels), drawn)]
    with written_file(out / "samples" / f"{model.step:08}.png") as partial:
        partial.write_bytes(png(grid(np.stack(tiles), 1 + _SAMPLE_LATENTS + _SAMPLE_LABELS)))
