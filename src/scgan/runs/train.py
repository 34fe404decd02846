"""A training run: prepared data and a configuration in, a run folder out."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn

from scgan.config import Config, TrainingSettings
from scgan.data.prepared import PreparedDataset
from scgan.inference.synthesizer import Synthesizer
from scgan.methods import load_method
from scgan.models.description import About, Origin, without_absolute_paths
from scgan.models.folder import Conditions, Model, example_conditions, save_model
from scgan.recipes import with_settings
from scgan.runs.folder import _describe_run, _require_same_run, load_origins
from scgan.runs.warm_start import WarmStart, apply_warm_start, read_warm_start
from scgan.schema import colorize
from scgan.training.batches import Batches
from scgan.training.logger import tensorboard_installed
from scgan.training.trainer import Callback, Trainer
from scgan.utils.devices import fastest_precision
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file, refuse_existing_folder
from scgan.utils.images import grid, png
from scgan.utils.progress import say
from scgan.utils.text import join_names

_SAMPLE_ROWS = 6
_SAMPLE_LATENTS = 3
_SAMPLE_LABELS = 3


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
        init_from: a model whose networks the run begins with, as ``scgan.models.find.find_model`` takes it; not when
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
    assert not (resume and init_from)
    start = read_warm_start(init_from) if init_from else None
    origins = start.origins if start else ()
    if resume:
        _require_same_run(out, dataset, config)
        origins = load_origins(out)
    else:
        if out.exists() and not overwrite:
            raise UserError(
                f"{out} exists already: go on with it (--resume), replace it (--overwrite), or choose another."
            )
        refuse_existing_folder(out, overwrite)
    torch.manual_seed(config.training.seed)
    training = config.training
    batches = Batches(dataset, dataset.split("train"), training.batch_size, training.seed, training.flip)
    fabric = _fabric(training)
    fabric.launch()
    with fabric.init_module():
        method = load_method(config.method)(dataset.schema, config)
    examples = example_conditions(dataset)
    about = About(data=without_absolute_paths(dataset.source), started_from=_portable(origins))

    def model_of(step: int, generator: nn.Module) -> Model:
        segmentor = method.networks.get("segmentor")
        return Model(generator, dataset.schema, config, step, dataset.fingerprint, examples, None, segmentor, about)

    trainer = Trainer(
        fabric,
        method,
        batches,
        out,
        log=config.log,
        ema_decay=config.generator.ema_decay,
        callbacks=[
            Callback(
                config.log.samples_every, lambda s, g: _write_samples(out, examples, model_of(s, g), fabric.device)
            ),
            Callback(config.log.checkpoint_every, lambda s, g: save_model(out / "model", model_of(s, g))),
        ],
        max_minutes=config.training.minutes,
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
    if fabric.is_global_zero and not tensorboard_installed():
        say("TensorBoard is not installed, the log is in log.jsonl only: pip install 'scgan[tensorboard]' adds it")
    complete = trainer.run()
    if fabric.is_global_zero:
        if complete:
            print(f"the model is in {out / 'model'}; try it: scgan generate {out} --out pictures")
        else:
            say(f"stopped and saved; go on with: scgan train --out {out} --resume")
    return complete


def _fabric(training: TrainingSettings) -> Fabric:
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


def _begin_with(start: WarmStart, trainer: Trainer, dataset: PreparedDataset, config: Config) -> None:
    taken, fresh = apply_warm_start(start, trainer.method, trainer.ema, dataset, config)
    if not trainer.fabric.is_global_zero:
        return
    say(
        f"starting from {start.name} at step {start.origins[-1].step}: its {join_names(taken)} and the EMA"
        + (f"; {join_names(fresh)} from scratch" if fresh else "")
    )
    if "segmentor" in taken and config.segmentor.pretrain_steps:
        say(
            f"the segmentor is trained alone for {config.segmentor.pretrain_steps} more steps first; "
            "--segmentor.pretrain_steps 0 leaves that out"
        )


def _portable(origins: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """For a model that will be passed on."""
    return tuple(Origin(**without_absolute_paths(asdict(origin))) for origin in origins)


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
    with atomic_file(out / "samples" / f"{model.step:08}.png") as partial:
        partial.write_bytes(png(grid(np.stack(tiles), 1 + _SAMPLE_LATENTS + _SAMPLE_LABELS)))
