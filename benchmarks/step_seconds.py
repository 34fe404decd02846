"""Processor seconds of a training step, of the segmentor's own stage and after it, with one thread.

    python benchmarks/step_seconds.py --data faces64 --settings=--config=docs/realism.yaml

Each is the difference of two runs of the recipe `cpu`, with few steps and with more, so that the start does not count.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FEW, MANY = 8, 72  # multiples of the eight steps between two gradient penalties
NEVER = 10**9


def seconds(data: Path, segmentor_steps: int, steps: int, settings: Sequence[str]) -> float:
    """Processor seconds of a training, user and system."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "scgan", "train", f"--data={data}", f"--out={folder}/run", "--recipe=cpu"]
        command += [f"--segmentor.pretrain_steps={segmentor_steps}", f"--training.steps={steps}"]
        command += [f"--log.samples_every={NEVER}", f"--log.checkpoint_every={NEVER}", *settings]
        before = used()
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return used() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--settings", action="append", default=[], help="an option of `scgan train`; may be repeated")
    options = parser.parse_args()
    for number in range(1, options.rounds + 1):
        few = seconds(options.data, FEW, FEW, options.settings)
        alone = (seconds(options.data, MANY, FEW, options.settings) - few) / (MANY - FEW)
        after = (seconds(options.data, FEW, MANY, options.settings) - few) / (MANY - FEW)
        print(f"round {number}: {alone:.3f} s a step of the segmentor alone, {after:.3f} s a step after it", flush=True)


if __name__ == "__main__":
    main()
