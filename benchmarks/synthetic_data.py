"""Experiment: segmentors trained on few real photos, with and without synthetic images.

    python benchmarks/synthetic_data.py MODEL --data DATA --out FOLDER

Segmentors are trained on few real photos, on synthetic images, and on both (half of the training rows each), with the
same number of updates, and evaluated on the real test split. The same command resumes an interrupted experiment. The
table is written to FOLDER/table.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import nn

from scgan.cli import main as scgan
from scgan.config import LogSettings
from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.metrics import Floats, bootstrap_interval, confusion_matrices, mean_iou, per_class_iou
from scgan.graders.grader import Grader
from scgan.graders.kinds import MASKS
from scgan.graders.training import GraderMethod
from scgan.schema import Schema
from scgan.training.batches import Batches
from scgan.training.trainer import Trainer
from scgan.utils.files import atomic_file

BATCH_SIZE = 16


class Arm(NamedTuple):
    """One training set: ``real`` photos, with or without synthetic images."""

    real: int
    synthetic: bool

    @property
    def name(self) -> str:
        parts = [f"{self.real} real"] * bool(self.real) + ["synthetic"] * self.synthetic
        return " + ".join(parts)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder")
    parser.add_argument("--out", type=Path, required=True, help="folder of all results")
    parser.add_argument("--real", type=int, nargs="+", default=[50, 200], help="numbers of real photos")
    parser.add_argument("--synthetic", type=int, default=2000, help="number of synthetic images")
    parser.add_argument("--steps", type=int, default=1500, help="updates of every segmentor")
    parser.add_argument("--seeds", type=int, default=3, help="repetitions with other photos, batches and weights")
    parser.add_argument("--synthesize", nargs=argparse.REMAINDER, default=[], help="last: options of scgan synthesize")
    options = parser.parse_args(arguments)

    dataset = PreparedDataset.open(options.data)
    synthesized = options.out / f"synthetic-{options.synthetic}"
    if not synthesized.exists():
        command = ["synthesize", options.model, "--data", str(options.data), "--count", str(options.synthetic)]
        code = scgan([*command, "--out", str(synthesized), *options.synthesize])
        if code:
            raise SystemExit(code)
    synthetic = synthetic_data(synthesized, options.out / f"prepared-{options.synthetic}", dataset)
    arms = [Arm(0, True), *(Arm(real, both) for real in options.real for both in (False, True))]
    matrices: dict[str, list[Floats]] = {}
    for seed in range(options.seeds):
        for arm in arms:
            data = f"{dataset.fingerprint[:6]}-{synthetic.fingerprint[:6]}"
            folder = options.out / f"{arm.name.replace(' ', '')}-{data}-{options.steps}-seed{seed}"
            matrices.setdefault(arm.name, []).append(evaluate_arm(folder, dataset, synthetic, arm, options.steps, seed))
    table = "\n".join(table_lines(matrices, dataset.schema, options.steps))
    with atomic_file(options.out / "table.md") as partial:
        partial.write_text(table + "\n", encoding="utf-8")
    print(table)


def synthetic_data(folder: Path, prepared: Path, dataset: PreparedDataset) -> PreparedDataset:
    """Prepare the folder of ``scgan synthesize`` with ``scgan prepare folder``, as a user would."""
    if not prepared.exists():
        command = ["prepare", "folder", "--images", folder / "images", "--masks", folder / "masks"]
        command += ["--table", folder / "table.csv"] if dataset.schema.attribute_count else []
        command += ["--classes", folder / "classes.json", "--size", dataset.schema.image_size, "--out", prepared]
        code = scgan([str(argument) for argument in command])
        if code:
            raise SystemExit(code)
    synthetic = PreparedDataset.open(prepared)
    synthetic.schema.require_same(dataset.schema, str(prepared), str(dataset.path))
    return synthetic


def evaluate_arm(
    folder: Path, dataset: PreparedDataset, synthetic: PreparedDataset, arm: Arm, steps: int, seed: int
) -> Floats:
    """Load the confusion matrices of an arm's segmentor on the test split, (N, C, C), or train it and compute them."""
    file = folder / "matrices.npy"
    if not file.exists():
        network = train(folder, *training_set(dataset, synthetic, arm, seed), steps, seed)
        grader, rows = Grader(network.cpu().eval(), dataset.schema, arm.name), dataset.split("test")
        parts = [
            confusion_matrices(
                dataset.segmentations[part], grader.segment(dataset.images[part]), grader.schema.class_count
            )
            for part in np.array_split(rows, max(len(rows) // 256, 1))
        ]
        with atomic_file(file) as partial:
            np.save(partial, np.concatenate(parts))
        result = {
            "arm": arm.name,
            "steps": steps,
            "seed": seed,
            "mean_iou": float(mean_iou(np.concatenate(parts).sum(0))),
        }
        (folder / "result.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    return np.load(file).astype(np.float64)


def training_set(
    dataset: PreparedDataset, synthetic: PreparedDataset, arm: Arm, seed: int
) -> tuple[PreparedDataset, NDArray[np.int64]]:
    """Join photos and synthetic images; if there are both, each makes half of the returned rows."""
    photos = np.sort(np.random.default_rng(seed).permutation(dataset.split("train"))[: arm.real])
    generated = np.arange(len(synthetic) if arm.synthetic else 0)
    count = len(photos) + len(generated)
    joined = replace(
        synthetic,
        images=np.concatenate([dataset.images[photos], synthetic.images[generated]]),
        segmentations=np.concatenate([dataset.segmentations[photos], synthetic.segmentations[generated]]),
        attributes=np.concatenate([dataset.attributes[photos], synthetic.attributes[generated]]),
        names=tuple(map(str, range(count))),
        splits=ItemSplits.of(("train",) * count),
    )
    rows = np.arange(count)
    half_size = max(len(photos), len(generated))
    halves = [np.resize(half, half_size) for half in (rows[: len(photos)], rows[len(photos) :]) if len(half)]
    return joined, np.concatenate(halves)


def train(folder: Path, data: PreparedDataset, rows: NDArray[np.int64], steps: int, seed: int) -> nn.Module:
    """Train a segmentor for ``steps`` updates and return its EMA."""
    fabric = Fabric(accelerator="auto", devices=1)
    fabric.launch()
    torch.manual_seed(seed)
    with fabric.init_module():
        method = GraderMethod(MASKS, data.schema, steps)
    batches = Batches(data, rows, min(BATCH_SIZE, len(rows)), seed, flip=True)
    log = LogSettings(scalars_every=50, checkpoint_every=250, keep_checkpoints=1)
    trainer = Trainer(fabric, method, batches, folder, log=log, ema_decay=0.99)
    trainer.resume()
    folder.mkdir(parents=True, exist_ok=True)
    if not trainer.run():
        raise KeyboardInterrupt
    return trainer.ema.module


def table_lines(all_matrices: dict[str, list[Floats]], schema: Schema, steps: int) -> Iterator[str]:
    """Lines of the Markdown table: mean over seeds, interval over test photos, range over seeds, IoU of each class."""

    def statistics(matrices: Any) -> Floats:
        """Matrices of every seed (…, S, C, C) → the mean over seeds of the mean IoU and each class's, (…, 1 + C)."""
        return np.concatenate([mean_iou(matrices)[..., None], per_class_iou(matrices)], axis=-1).mean(-2)

    classes = " | ".join(schema.class_names)
    yield f"| {steps} updates on | mean IoU | 95 % over test photos | range over seeds | {classes} |"
    yield "|---" * (4 + schema.class_count) + "|"
    for name, matrices in all_matrices.items():
        items = np.stack(matrices, axis=1)  # (N, S, C, C)
        mean, *class_means = statistics(items.mean(0))
        low, high = bootstrap_interval(items, statistics, 0)[:, 0]
        seeds = [float(mean_iou(seed_matrices.sum(0))) for seed_matrices in matrices]
        cells = [f"{mean:.4f}", f"{low:.4f} to {high:.4f}", f"{min(seeds):.4f} to {max(seeds):.4f}"]
        yield f"| {name} | {' | '.join([*cells, *(f'{value:.3f}' for value in class_means)])} |"


if __name__ == "__main__":
    main()
