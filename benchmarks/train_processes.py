"""Duration of a training step with two processes of one thread, compared with one process of two threads.

    python benchmarks/train_processes.py [--rounds 5]

The batch and the number of processors are the same. Both run `scgan train` for a few steps and for more, in turn; the
difference is the time of a step, without the start. The goal is a ratio of at most 1.1.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

SHORT, LONG = 8, 40  # multiples of the eight steps between two gradient penalties
NEVER = 10**9


def seconds_of_step(data: Path, processes: int, threads: int, settings: Sequence[str]) -> float:
    times = []
    for steps in (SHORT, LONG):
        with tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                "-m",
                "scgan",
                "train",
                "--data",
                str(data),
                "--out",
                f"{folder}/run",
                "--recipe",
                "cpu",
            ]
            command += [f"--training.steps={steps}", f"--training.devices={processes}", "--training.accelerator=cpu"]
            command += [
                "--segmentor.pretrain_steps=0",
                f"--log.samples_every={NEVER}",
                f"--log.checkpoint_every={NEVER}",
            ]
            start = time.monotonic()
            environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
            subprocess.run(
                [*command, *settings], check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            times.append(time.monotonic() - start)
    return (times[1] - times[0]) / (LONG - SHORT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--settings", nargs="*", default=[], help="of the training, like --training.batch_size=32")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "toys"
        command = ["prepare", "toyfaces", "--count", "200", "--size", str(options.size), "--out", str(data)]
        subprocess.run([sys.executable, "-m", "scgan", *command], check=True, stdout=subprocess.DEVNULL)
        ratios = []
        for number in range(options.rounds):
            kinds = [(2, 1), (1, 2)] if number % 2 else [(1, 2), (2, 1)]
            times = {kind: seconds_of_step(data, *kind, options.settings) for kind in kinds}
            ratios.append(times[2, 1] / times[1, 2])
            seconds = f"2 processes {times[2, 1]:.3f} s, 1 process with 2 threads {times[1, 2]:.3f} s a step"
            print(f"round {number + 1}: {seconds}, ratio {ratios[-1]:.2f}", flush=True)
        print(f"median ratio {statistics.median(ratios):.2f} (goal: at most 1.1)")


if __name__ == "__main__":
    main()
