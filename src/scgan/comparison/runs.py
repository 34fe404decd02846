"""Train what is missing, judge it, keep small results: everything that a comparison's table and figures come from."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import yaml
from PIL import Image

from scgan.comparison.losses import describe_losses
from scgan.config import Config, fields, flat
from scgan.evaluation.evaluate import evaluate
from scgan.inference.synthesizer import load
from scgan.runs.folder import read_log
from scgan.utils.devices import device_of
from scgan.utils.errors import RunError
from scgan.utils.files import atomic_file, atomic_folder
from scgan.utils.images import Pixels, png
from scgan.utils.progress import say

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.evaluation.features import Features
    from scgan.graders.grader import AttributeGrader, Grader

EVALUATION_SEED = 0
PICTURES = 6
_SNAPSHOTS = 6

# What does not change what is learned.
_INDIFFERENT = ("recipe", "log.", "training.accelerator", "training.devices", "training.nodes")


class Judges(NamedTuple):
    """Who judges, the same for everything that is compared; the attribute grader is None where there are no labels."""

    grader: Grader
    attribute_grader: AttributeGrader | None
    features: Sequence[Features]


class Finished(NamedTuple):
    """A finished run's small result.

    Attributes:
        folder: holds ``result.json``, ``pictures.png`` and, if snapshots were there, ``growth.png``.
        result: what is in the first.
    """

    folder: Path
    result: dict[str, Any]


def run_name(config: Config, fingerprint: str) -> str:
    """A name that differs whenever what is learned differs: settings, seed or data.

    Only what differs from the defaults counts: a setting that a later version adds, off by default, renames nothing.
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
    """The result of a finished run with these settings and this data, wherever its checkpoints are."""
    folder = out / "finished" / run_name(config, fingerprint)
    file = folder / "result.json"
    return Finished(folder, json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def train_and_judge(out: Path, config: Config, dataset: PreparedDataset, judges: Judges) -> Finished:
    """Train (or go on with) one run in ``out/runs``, judge it, and keep the result in ``out/finished``.

    Raises:
        RunError: the training failed; what it said is on the screen.
    """
    name = run_name(config, dataset.fingerprint)
    run, folder = out / "runs" / name, out / "finished" / name
    _train(run, config, dataset.path)
    synthesizer = load(run, device_of(config.training.accelerator))
    scores = evaluate(
        synthesizer,
        dataset,
        judges.grader,
        EVALUATION_SEED,
        attribute_grader=judges.attribute_grader,
        features=judges.features,
    )
    log = read_log(run / "log.jsonl")
    growth = _growth(run, config, dataset.schema.image_size)
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
    latent = synthesizer.sample_latent(len(rows), EVALUATION_SEED)
    pictures = synthesizer.generate(dataset.segmentations[rows], dataset.attributes[rows], latent)
    with atomic_folder(folder) as partial:
        (partial / "pictures.png").write_bytes(png(np.concatenate(pictures)))
        if growth:
            (partial / "growth.png").write_bytes(png(np.concatenate([column for _, column in growth], axis=1)))
        (partial / "result.json").write_text(json.dumps(result), encoding="utf-8")
    return Finished(folder, result)


def attempt(out: Path, config: Config, dataset: PreparedDataset, judges: Judges) -> Finished | str:
    """``train_and_judge``, or, because others must not wait for its failure, why it failed."""
    name = run_name(config, dataset.fingerprint)
    say(f"{name}: training and judging")
    try:
        return train_and_judge(out, config, dataset, judges)
    except Exception as error:  # whatever it is: it is reported, written down, and the next one goes on
        with atomic_file(out / "runs" / f"{name}.failure.txt") as beside:
            beside.write_text(traceback.format_exc(), encoding="utf-8")
        reason = " ".join(str(error).split()) or type(error).__name__
        say(f"{name} failed: {reason}")
        return reason


def shown_rows(dataset: PreparedDataset) -> np.ndarray:
    """The rows of the test split whose pictures stand in the figures: the same for everything that is compared."""
    rows = dataset.split("test")
    return rows[np.linspace(0, len(rows) - 1, min(PICTURES, len(rows))).round().astype(np.int64)]


def _train(run: Path, config: Config, data: Path) -> None:
    """``scgan train`` in a process of its own: its memory can be measured, and no crash reaches the others."""
    command = [sys.executable, "-m", "scgan", "train", "--out", str(run)]
    if (run / "config.yaml").is_file():
        command.append("--resume")
    else:
        settings = run.with_name(f"{run.name}.yaml")
        with atomic_file(settings) as beside:
            beside.write_text(yaml.safe_dump(config.model_dump(), sort_keys=False), encoding="utf-8")
        command += ["--data", str(data), "--recipe", config.recipe, "--config", str(settings), "--overwrite"]
    process = subprocess.Popen(command)
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except KeyboardInterrupt:  # Ctrl-C reached the training too: it finishes its step and saves
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == 130:
        raise KeyboardInterrupt
    if process.returncode:
        raise RunError(f"the training ended with exit code {process.returncode}; what it said stands above.")
    memory = run / "memory.json"
    units = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kilobytes elsewhere
    before = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else 0
    with atomic_file(memory) as beside:
        beside.write_text(json.dumps(max(before, round(usage.ru_maxrss / units))), encoding="utf-8")


def pretrain_steps(config: dict[str, Any]) -> int:
    """Of a run's settings: the steps of the segmentor alone, which come before those that are compared."""
    alone: int = config["segmentor"]["pretrain_steps"]
    return alone if config["method"] == "scgan" and config["loss"]["segmentation"] else 0


def _growth(run: Path, config: Config, size: int) -> list[tuple[int, Pixels]]:
    """Steps, and a column of pictures of the same inputs after each, cut from the training's samples."""
    before = pretrain_steps(config.model_dump())
    files = [file for file in sorted((run / "samples").glob("[0-9]*.png")) if int(file.stem) > before]
    chosen = sorted({files[place] for place in np.linspace(0, len(files) - 1, min(_SNAPSHOTS, len(files))).astype(int)})
    columns = []
    for file in chosen:
        with Image.open(file) as image:
            sheet = np.asarray(image.convert("RGB"))
        pitch = size + 2  # tiles with a gap; the first column is the mask, the second its own label
        tops = range(0, sheet.shape[0] - size + 1, pitch)
        columns.append(
            (int(file.stem) - before, np.concatenate([sheet[top : top + size, pitch : pitch + size] for top in tops]))
        )
    return columns
