"""Ablations of the training: candidates of equal processor time, judged by features that no part of the training saw.

    python benchmarks/ablations.py --data faces32 --out ablations --seconds 1200 --seeds 0 1

Each candidate is the recipe cpu with a few settings, see ``CANDIDATES``. First, the processor time of a step is
measured for each, in turn and several times. The candidates then get the steps that fit into ``--seconds``, after the
same pretraining of the segmentor, on one thread. All runs, scores and times stay in ``--out``: the same command resumes
after an interruption, and more candidates or seeds can be added later. The table is written to table.md after every
run, and printed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scgan.utils.files import atomic_file

POLICY = {"discriminator.color": 1.0, "discriminator.shift": 0.125, "discriminator.cutout": 0.5}
FEATURES = {
    "discriminator.features": "efficientnet-lite0",
    "loss.adversarial": "hinge",
    "loss.gradient_penalty": 0.0,
}

CANDIDATES: dict[str, tuple[str, dict[str, Any]]] = {
    "recipe": ("recipe `cpu`", {}),
    "augmentation": ("color, shift, cutout (DiffAugment)", POLICY),
    "shift-cutout": ("shift, cutout", {name: value for name, value in POLICY.items() if name != "discriminator.color"}),
    "relativistic": ("relativistic, R1 and R2 (R3GAN)", {"loss.adversarial": "relativistic"}),
    "relativistic-alone": (
        "relativistic, without mode seeking",
        {"loss.adversarial": "relativistic", "loss.mode_seeking": 0.0},
    ),
    "features": ("frozen features (Projected GAN)", FEATURES),
    "features-augmentation": ("frozen features with DiffAugment", {**FEATURES, **POLICY}),
    "modulation": ("modulation of all blocks", {"generator.modulation": "adain"}),
    "warp": ("warps of photo and mask", {"training.warp": 0.1}),
    "reversed": ("reversed order", {"generator.order": "reversed"}),
    "features-image": (
        "frozen features and the image",
        {**FEATURES, **POLICY, "discriminator.color": 0.0, "discriminator.sees_image": True},
    ),
    "reconstruction": ("photos made again (cVAE-GAN)", {"loss.reconstruction": 2.0}),
    "features-modulation": ("frozen features and modulation", {**FEATURES, "generator.modulation": "adain"}),
}
"""Title and settings of each candidate."""

JUDGES = ("efficientnet-lite2", "dlib-face")
COLUMNS = {
    "kernel distance, Lite2": "realism.efficientnet-lite2.kernel.model",
    "recall, Lite2": "realism.efficientnet-lite2.recall.model",
    "kernel distance, dlib": "realism.dlib-face.kernel.model",
    "mask accuracy": "spatial.pixel_accuracy.normalised",
    "mean IoU": "spatial.mean_iou.normalised",
    "attribute accuracy": "attributes.accuracy.model",
    "latent": "diversity.latent_background",
}
"""Title of each column and the place of its value among the scores."""

Run = Callable[[Sequence[str]], float]
"""Runs ``scgan`` with a command's words; returns processor seconds."""

ROUNDS, SHORT, LONG = 3, 8, 40  # of the measurement; multiples of the eight steps between two penalties
NEVER = 10**9


def run_scgan(command: Sequence[str]) -> float:
    """Run ``scgan`` with one thread in a process of its own; returns its processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "scgan", *command], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def training(options: argparse.Namespace, name: str, out: Path, settings: dict[str, Any]) -> list[str]:
    """Command of a training: the candidate's settings, then those of the script, then ``settings``."""
    values = {**dict(options.set), **CANDIDATES[name][1], **settings, "training.accelerator": "cpu"}
    words = ["train", "--data", str(options.data), "--out", str(out), "--recipe", "cpu"]
    return [*words, *(f"--{setting}={value}" for setting, value in values.items())]


def measure(options: argparse.Namespace, names: Sequence[str], run: Run) -> dict[str, float]:
    """Measure processor seconds of a step of each candidate, or read what was measured before."""
    file: Path = options.out / "step_seconds.json"
    known: dict[str, float] = json.loads(file.read_text()) if file.is_file() else {}
    missing = [name for name in names if name not in known]
    samples: dict[str, list[float]] = {name: [] for name in missing}
    quiet = {"segmentor.pretrain_steps": 0, "log.samples_every": NEVER, "log.checkpoint_every": NEVER}
    for _ in range(ROUNDS):
        for name in missing:
            spent = []
            for steps in (SHORT, LONG):
                folder = options.out / "measurement"
                shutil.rmtree(folder, ignore_errors=True)
                spent.append(run(training(options, name, folder, {**quiet, "training.steps": steps})))
                shutil.rmtree(folder)
            samples[name].append((spent[1] - spent[0]) / (LONG - SHORT))
    known |= {name: round(max(statistics.median(values), 1e-4), 5) for name, values in samples.items()}
    with atomic_file(file) as partial:
        partial.write_text(json.dumps(known, indent=1))
    return known


def train_and_judge(options: argparse.Namespace, run: Run, name: str, seed: int, steps: int) -> None:
    """Train a candidate and write its scores, unless they are there."""
    scores: Path = options.out / "scores" / f"{name}-{seed}.json"
    if scores.is_file():
        return
    scores.parent.mkdir(exist_ok=True)
    folder = options.out / "runs" / f"{name}-{seed}"
    settings = {"training.steps": steps, "training.seed": seed, "log.keep_checkpoints": 1}
    run([*training(options, name, folder, settings), *(["--resume"] if folder.exists() else [])])
    judged = ["evaluate", str(folder), "--data", str(options.data), "--judge-attributes", "--device", "cpu"]
    run([*judged, *(["--features", *options.judges] if options.judges else []), "--out", str(scores)])


def value_at(scores: dict[str, Any], path: str) -> float | None:
    """Value at a dotted path among the scores, None if it was not measured."""
    value: Any = scores
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def table(options: argparse.Namespace, names: Sequence[str], steps: dict[str, int]) -> str:
    """Table in Markdown: means over seeds, in brackets the values of the seeds."""
    lines = ["| | steps |" + "".join(f" {title} |" for title in COLUMNS), "|---|---|" + "---|" * len(COLUMNS)]
    for name in names:
        files = [options.out / "scores" / f"{name}-{seed}.json" for seed in options.seeds]
        results = [json.loads(file.read_text()) for file in files if file.is_file()]
        if not results:
            continue
        cells = [f"{CANDIDATES[name][0]}", f"{steps[name]:,}"]
        for path in COLUMNS.values():
            values = [value for scores in results if (value := value_at(scores, path)) is not None]
            each = ", ".join(f"{value:.3g}" for value in values)
            cells.append(f"{statistics.mean(values):.3g} ({each})" if values else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def setting(text: str) -> tuple[str, str]:
    """Read ``NAME=VALUE``."""
    name, equal, value = text.partition("=")
    if not equal:
        raise argparse.ArgumentTypeError(f"{text} is not like training.batch_size=8")
    return name, value


def main(words: Sequence[str] | None = None, run: Run = run_scgan) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder")
    parser.add_argument("--out", type=Path, required=True, help="folder of runs, scores and the table")
    parser.add_argument("--seconds", type=float, required=True, help="processor seconds of each training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--candidates", nargs="+", choices=CANDIDATES, default=list(CANDIDATES))
    parser.add_argument("--judges", nargs="*", default=list(JUDGES), help="features that measure realism")
    parser.add_argument("--set", type=setting, nargs="+", default=[], help="settings of all, like generator.width=16")
    options = parser.parse_args(words)
    options.out.mkdir(parents=True, exist_ok=True)
    seconds = measure(options, options.candidates, run)
    steps = {name: max(1, round(options.seconds / seconds[name])) for name in options.candidates}
    for seed in options.seeds:  # all candidates of one seed first: a table without gaps comes early
        for name in options.candidates:
            train_and_judge(options, run, name, seed, steps[name])
            text = table(options, options.candidates, steps)
            with atomic_file(options.out / "table.md") as partial:
                partial.write_text(f"{options.seconds:g} processor seconds, data {options.data.name}\n\n{text}\n")
    print(text)


if __name__ == "__main__":
    main()
