"""A training run: prepared data and a configuration in, a run folder out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import nn

from scgan.config import Config, flat
from scgan.data.prepared import PreparedDataset
from scgan.inference.synthesizer import MORE_TRAINING
from scgan.methods import load_method
from scgan.models.attribute_groups import find_groups
from scgan.models.description import About, Origin, without_absolute_paths
from scgan.models.folder import Model, example_conditions, save_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.recipes import as_config, with_settings
from scgan.runs.folder import describe_run, load_origins, require_same_run
from scgan.runs.memory import require_memory
from scgan.runs.samples import write_samples
from scgan.runs.warm_start import WarmStart, apply_warm_start, read_warm_start
from scgan.training.batches import Batches
from scgan.training.logger import tensorboard_installed
from scgan.training.processes import (
    is_first_process,
    launched_fabric,
    require_same_step,
    require_started_processes,
)
from scgan.training.trackers import require_tracker
from scgan.training.trainer import Callback, Trainer
from scgan.utils.devices import busy_note, fastest_precision, other_load, usable_processors
from scgan.utils.errors import FULL_DISK, RunError, UserError
from scgan.utils.files import PARTIAL, atomic_folder, refuse_existing_folder, remove_partial, user_path
from scgan.utils.locks import clear_lock, output_lock
from scgan.utils.progress import say
from scgan.utils.text import counted, join_names, shell_path


def train(
    data: Path | str,
    out: Path | str,
    config: Config | str,
    *,
    resume: bool = False,
    overwrite: bool = False,
    init_from: str | None = None,
) -> bool:
    """Train a model on the train split of ``data``.

    The run folder ``out`` gets ``config.yaml``, ``data.json``, ``log.jsonl``, the tracker's files, ``samples/``,
    ``checkpoints/`` and ``model/``.

    Args:
        data: a prepared folder.
        out: the run folder.
        config: all settings, or the name of a recipe.
        resume: continue from the newest checkpoint in ``out``.
        overwrite: remove ``out`` first if it exists; without effect when resuming.
        init_from: model for a warm start, as ``scgan.models.find.find_model`` takes it; not when resuming.

    Returns:
        True when the training is complete, false when a signal stopped it after saving.

    Raises:
        UserError: the data, the configuration, the run folder or ``init_from`` cannot be used.
        RunError: a loss became NaN, or another process of the training ended.
        TypeError: an argument has another type.
    """
    data, out, config = user_path(data), user_path(out), as_config(config)
    assert not (resume and init_from)
    require_started_processes(config.training.devices, config.training.nodes)
    require_tracker(config.log.tracker)
    dataset = PreparedDataset.open(data)
    config = _with_precision(config)
    training = config.training
    require_memory(config, dataset.schema)
    warm_start = read_warm_start(init_from) if init_from else None
    if not resume:
        _refuse_existing_run(out, overwrite)
    with output_lock(out) if is_first_process(training.devices, training.nodes) else nullcontext():
        if resume:
            require_same_run(out, dataset, config)
            origins = load_origins(out)
        else:
            _refuse_existing_run(out, overwrite)
            origins = warm_start.origins if warm_start else ()
        with (
            _full_disk_explained(out),
            launched_fabric(training.accelerator, training.precision, training.devices, training.nodes) as fabric,
        ):
            trainer = _build_trainer(fabric, out, dataset, config, origins)
            if warm_start:
                _apply(warm_start, trainer, dataset, config)
            if resume:
                _resume(trainer, out, dataset, config, origins)
            else:
                _create_run(trainer, out, dataset, config, origins)
            return _run(trainer, out, is_warm=bool(origins))


def _with_precision(config: Config) -> Config:
    """Replace the precision "auto" by the fastest."""
    if config.training.precision != "auto":
        return config
    return with_settings(config, {"training.precision": fastest_precision(config.training.accelerator)})


def _clear_leftovers(out: Path) -> None:
    """Remove what kills left in and beside a run folder."""
    shutil.rmtree(out.with_name(f"{out.name}{PARTIAL}"), ignore_errors=True)  # of a killed --overwrite
    remove_partial(out)


def _refuse_existing_run(out: Path, overwrite: bool) -> None:
    if out.exists() and not overwrite:
        clear_lock(out)
        raise UserError(
            f"{out} exists already: --resume continues it, --overwrite replaces it; or choose another --out."
        )
    refuse_existing_folder(out, overwrite)


@contextmanager
def _full_disk_explained(out: Path) -> Iterator[None]:
    """Say how to continue a run that could not be written."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL_DISK or not (out / "config.yaml").is_file():
            raise
        raise RunError(
            f"{error.filename or out} cannot be written ({error.strerror}): make room, then resume with: scgan train "
            f"--out {shell_path(out)} --resume"
        ) from error


def _create_run(
    trainer: Trainer, out: Path, dataset: PreparedDataset, config: Config, origins: tuple[Origin, ...]
) -> None:
    """Create the run folder with all that resuming needs, in one step: a kill leaves a whole one or none."""
    first = trainer.fabric.is_global_zero
    with atomic_folder(out) if first else nullcontext(out) as partial:
        if first:
            describe_run(partial, dataset, config, origins)
        if origins:
            trainer.save(partial)  # the run can be resumed from here on, even if the model of its warm start is removed
    trainer.fabric.barrier()


def _build_trainer(
    fabric: Fabric, out: Path, dataset: PreparedDataset, config: Config, origins: tuple[Origin, ...]
) -> Trainer:
    """Trainer with new networks, which writes samples and the model into the run folder."""
    training = config.training
    torch.manual_seed(training.seed)
    batches = Batches(dataset, dataset.split("train"), training.batch_size, training.seed, training.flip, training.warp)
    with fabric.init_module():
        method = load_method(config.method)(dataset.schema, config)
    examples = example_conditions(dataset)
    groups = find_groups(dataset.attributes, dataset.schema, batches.rows)
    portable = tuple(Origin(**without_absolute_paths(asdict(origin))) for origin in origins)
    about = About(data=without_absolute_paths(dataset.source), started_from=portable)

    def model_at(step: int, generator: nn.Module) -> Model:
        return Model(
            TrainedNetworks(generator, method.networks.get("segmentor")),
            dataset.schema,
            config,
            step,
            dataset.fingerprint,
            examples,
            about=about,
            generator_updates=trainer.ema.update_count,
            attribute_groups=groups,
        )

    def samples(step: int, generator: nn.Module) -> None:
        write_samples(out / "samples", model_at(step, generator), fabric.device)

    def model(step: int, generator: nn.Module) -> None:
        save_model(out / "model", model_at(step, generator))

    trainer = Trainer(
        fabric,
        method,
        batches,
        out,
        log=config.log,
        ema_decay=config.generator.ema_decay,
        callbacks=[Callback(config.log.samples_every, samples), Callback(config.log.checkpoint_every, model)],
        max_minutes=training.minutes,
        settings=flat(config),
    )
    return trainer


def _apply(warm_start: WarmStart, trainer: Trainer, dataset: PreparedDataset, config: Config) -> None:
    """Load the networks of a warm start, and say which."""
    loaded, fresh = apply_warm_start(warm_start, trainer.method, trainer.ema, dataset, config)
    if not trainer.fabric.is_global_zero:
        return
    say(
        f"starting from {warm_start.name} at step {warm_start.origins[-1].step}: its {join_names(loaded)} and the EMA"
        + (f"; {join_names(fresh)} from scratch" if fresh else "")
    )
    if "segmentor" in loaded and config.segmentor.pretrain_steps:
        say(
            f"the segmentor is trained alone for {counted(config.segmentor.pretrain_steps, 'more step')} first; "
            "--segmentor.pretrain_steps 0 skips this"
        )


def _resume(trainer: Trainer, out: Path, dataset: PreparedDataset, config: Config, origins: tuple[Origin, ...]) -> None:
    """Load the newest checkpoint; a run without one begins at its first step, unless it had a warm start."""
    if trainer.fabric.is_global_zero:
        _clear_leftovers(out)
        describe_run(out, dataset, config, origins)
    resumed = trainer.resume()
    require_same_step(trainer.fabric, trainer.step, out)
    if not resumed and origins:
        raise UserError(
            f"{out} was begun with --init-from {origins[-1].model} and has no checkpoint: start it again with "
            "--overwrite."
        )
    if trainer.fabric.is_global_zero:
        say(f"resuming {out} at step {trainer.step}")


# With fewer steps of the last stage, images are noise or blots: faces at 64×64 were shades after 300.
_FEW_STEPS = 300


def _run(trainer: Trainer, out: Path, is_warm: bool) -> bool:
    """Train to the end, and say how it ended."""
    if trainer.fabric.is_global_zero and trainer.log.tracker == "tensorboard" and not tensorboard_installed():
        say("TensorBoard is not installed, the log is in log.jsonl only: pip install 'scgan[tensorboard]' adds it")
    if trainer.fabric.is_global_zero and trainer.fabric.device.type == "cpu":
        note = busy_note(other_load(), usable_processors(), torch.get_num_threads())
        if note:
            say(note)
    complete = trainer.run()
    if trainer.fabric.is_global_zero:
        name = shell_path(out)
        if complete and not trainer.ema.update_count:
            say(f"the generator in {out} was not trained yet: {MORE_TRAINING}.")
        elif complete:
            print(f"the model is in {out / 'model'}; try it: scgan generate {name} --out images")
            if trainer.max_minutes and not is_warm and trainer.stage_step < _FEW_STEPS:
                say(
                    f"the generator made {counted(trainer.stage_step, 'step')} only, whose images are noise at first: "
                    f"give it more time with scgan train --out {name} --resume --training.minutes "
                    f"{2 * trainer.max_minutes:g}"
                )
        else:
            say(f"stopped and saved; resume with: scgan train --out {name} --resume")
    return complete
