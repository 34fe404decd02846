"""Runs of a comparison: train, evaluate, and keep the small results that tables and figures are made from."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import traceback
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import yaml

from scgan.comparison.losses import describe_losses
from scgan.config import Config, fields, flat
from scgan.evaluation.evaluate import evaluate
from scgan.inference.synthesizer import load
from scgan.runs.folder import read_log
from scgan.utils.devices import device_of
from scgan.utils.errors import FULL_DISK, RunError, UserError
from scgan.utils.files import atomic_file, atomic_folder
from scgan.utils.images import Pixels
from scgan.utils.interrupts import STOP_CODES, STOP_WITH_PARENT, defer_interrupts
from scgan.utils.json_files import read_json, seal, unseal
from scgan.utils.locks import is_locked, wait_until_free
from scgan.utils.progress import say
from scgan.utils.spread import spread_rows
from scgan.utils.text import shorten
from scgan.utils.workers import never

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.evaluation.features import Features
    from scgan.graders.grader import AttributeGrader, Grader

EVALUATION_SEED = 0
_SECONDS_BETWEEN_LOOKS = 0.1
_IMAGES = 6
_SNAPSHOTS = 6

# Settings that do not affect what is learned.
_INDIFFERENT = ("recipe", "log.", "training.accelerator", "training.devices", "training.nodes")


Train = Callable[[Path, Config, Path, Callable[[], bool]], None]
"""Train or resume a run: its folder, configuration, prepared data, and whether the training shall stop.

Leaves ``memory.json``, in megabytes.
"""


class Graders(NamedTuple):
    """Networks that judge all runs of a comparison; the attribute grader is None where there are no attributes."""

    grader: Grader
    attribute_grader: AttributeGrader | None
    features: Sequence[Features]


class Shared(NamedTuple):
    """Inputs that all runs of a comparison share.

    Attributes:
        out: the folder of the comparison, locked by the command that compares. A training stops when the lock is gone.
        dataset: the prepared data.
        graders: judges of the runs.
        train: trains one run.
    """

    out: Path
    dataset: PreparedDataset
    graders: Graders
    train: Train


class Finished(NamedTuple):
    """Small result of a finished run.

    Attributes:
        folder: holds ``result.json`` and ``images.npz``.
        result: content of ``result.json``.
    """

    folder: Path
    result: dict[str, Any]

    def images(self) -> Pixels:
        """Images of ``shown_rows`` made by the finished model, uint8 (N, H, W, 3)."""
        return self._read("images")

    def growth(self) -> Pixels:
        """Images of the same inputs after each of ``result["growth_steps"]``, uint8 (steps, M, H, W, 3)."""
        return self._read("growth")

    def _read(self, name: str) -> Pixels:
        with _own_file(self.folder / "images.npz") as path, np.load(path) as file:
            pixels: Pixels = file[name]
            return pixels


def run_name(config: Config, fingerprint: str) -> str:
    """Name that differs whenever settings that affect the training, seed or data differ.

    Only settings other than the defaults count: a setting that a later version adds, off by default, renames nothing.
    """
    defaults = {name: field.default for name, field in fields(type(config)).items()}
    settings = {
        name: value
        for name, value in flat(config).items()
        if value != defaults[name] and not name.startswith(_INDIFFERENT)
    }
    digest = hashlib.sha256(json.dumps([settings, fingerprint], sort_keys=True).encode()).hexdigest()[:10]
    return f"{config.method}-seed{config.training.seed}-{digest}"


def find_finished(out: Path, config: Config, fingerprint: str) -> Finished | None:
    """Result of a finished run with these settings and this data, wherever its checkpoints are."""
    folder = out / "finished" / run_name(config, fingerprint)
    file = folder / "result.json"
    if not file.is_file():
        return None
    with _own_file(file):
        return Finished(folder, unseal(read_json(file), required=False))


@contextmanager
def _own_file(path: Path) -> Iterator[Path]:
    """Say of a damaged file of a finished run what to do with it."""
    try:
        yield path
    except (KeyError, OSError, ValueError, BadZipFile, zlib.error) as error:
        raise UserError(
            f"{path} is damaged ({shorten(error)}): remove {path.parent}, then the run is evaluated again."
        ) from error


def train_and_evaluate(shared: Shared, config: Config) -> Finished:
    """Train or resume one run in ``out/runs``, evaluate it, and keep the result in ``out/finished``.

    Raises:
        RunError: the training failed; its messages are on the screen.
    """
    out, dataset, graders, train = shared
    name = run_name(config, dataset.fingerprint)
    run, folder = out / "runs" / name, out / "finished" / name
    train(run, config, dataset.path, lambda: not is_locked(out))
    synthesizer = load(run, device_of(config.training.accelerator))
    scores = evaluate(
        synthesizer,
        dataset,
        graders.grader,
        EVALUATION_SEED,
        attribute_grader=graders.attribute_grader,
        features=graders.features,
    )
    log = read_log(run / "log.jsonl")
    growth = _growth(run, config)
    result = {
        "config": config.model_dump(),
        "data_fingerprint": dataset.fingerprint,
        "step": synthesizer.step,
        "images_seen": max(0, synthesizer.step - pretrain_steps(config.model_dump())) * config.training.batch_size,
        "seconds": log[-1]["seconds"] if log else None,
        "megabytes": json.loads((run / "memory.json").read_text(encoding="utf-8")),
        "generator_parameters": sum(parameter.numel() for parameter in synthesizer.model.generator.parameters()),
        "scores": scores,
        "losses": describe_losses(log),
        "growth_steps": [step for step, _ in growth],
    }
    rows = shown_rows(dataset)
    latents = synthesizer.sample_latent(len(rows), EVALUATION_SEED)
    images = synthesizer.generate(dataset.generator_masks(rows), dataset.attributes[rows], latents)
    with atomic_folder(folder) as partial:
        samples = (
            np.stack([images for _, images in growth]) if growth else np.empty((0, 0, *images.shape[1:]), np.uint8)
        )
        np.savez_compressed(partial / "images.npz", images=images, growth=samples)
        (partial / "result.json").write_text(json.dumps(seal(result)), encoding="utf-8")
    return Finished(folder, result)


def attempt(shared: Shared, config: Config) -> Finished | str:
    """``train_and_evaluate``, or the reason of its failure, so that the other runs go on."""
    name = run_name(config, shared.dataset.fingerprint)
    say(f"{name}: training and evaluation")
    try:
        return train_and_evaluate(shared, config)
    except Exception as error:  # any failure is reported and written down
        if isinstance(error, OSError) and error.errno in FULL_DISK:
            raise
        with atomic_file(shared.out / "runs" / f"{name}.failure.txt") as partial:
            partial.write_text(traceback.format_exc(), encoding="utf-8")
        reason = " ".join(str(error).split()) or type(error).__name__
        say(f"{name} failed: {reason}")
        return reason


def shown_rows(dataset: PreparedDataset) -> np.ndarray:
    """Rows of the test split whose images stand in the figures: the same for all runs."""
    rows = dataset.split("test")
    return rows[spread_rows(len(rows), _IMAGES)]


def train_in_process(run: Path, config: Config, data: Path, stopped: Callable[[], bool] = never) -> None:
    """Run ``scgan train`` in a process of its own: its memory is measured, and no crash reaches the other runs.

    Raises:
        RunError: the training failed.
        KeyboardInterrupt: a signal, or ``stopped``, ended it; it has saved a checkpoint.
    """
    command = [sys.executable, "-m", "scgan", "train", "--out", str(run)]
    if (run / "config.yaml").is_file():
        command.append("--resume")
    else:
        settings = run.with_name(f"{run.name}.yaml")
        with atomic_file(settings) as partial:
            partial.write_text(yaml.safe_dump(config.model_dump(), sort_keys=False), encoding="utf-8")
        command += ["--data", str(data), "--recipe", config.recipe, "--config", str(settings), "--overwrite"]
    wait_until_free(run)  # a comparison that was killed may have left its training, which saves and ends
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, STOP_WITH_PARENT: "1"})
    with defer_interrupts() as interrupted:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        while not pid:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            if process.stdin and (interrupted() or stopped()):
                process.stdin.close()  # it finishes its step, saves and ends
                process.stdin = None
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stdin:
        process.stdin.close()
    if interrupted() or process.returncode in STOP_CODES:
        raise KeyboardInterrupt
    if process.returncode:
        raise RunError(f"the training ended with exit code {process.returncode}; its messages stand above.")
    memory = run / "memory.json"
    units = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kilobytes elsewhere
    before = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else 0
    with atomic_file(memory) as partial:
        partial.write_text(json.dumps(max(before, round(usage.ru_maxrss / units))), encoding="utf-8")


def pretrain_steps(config: dict[str, Any]) -> int:
    """Steps of the segmentor alone, from a run's settings. They come before those that are compared."""
    alone: int = config["segmentor"]["pretrain_steps"]
    return alone if config["method"] == "scgan" and config["loss"]["segmentation"] else 0


def _growth(run: Path, config: Config) -> list[tuple[int, Pixels]]:
    """Steps, and images (M, H, W, 3) of the same inputs after each: of the samples those with own attributes."""
    before = pretrain_steps(config.model_dump())
    files = [file for file in sorted((run / "samples").glob("[0-9]*.npz")) if int(file.stem) > before]
    growth = []
    for file in (files[place] for place in spread_rows(len(files), _SNAPSHOTS)):
        with np.load(file) as samples:
            growth.append((int(file.stem) - before, samples["images"][:, 0]))
    return growth
