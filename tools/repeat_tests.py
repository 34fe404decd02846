"""Run the whole test suite several times in a row, under other instruction sets and thread counts.

    python tools/repeat_tests.py            # ten runs
    python tools/repeat_tests.py --runs 6

Each run takes the next combination of ATEN_CPU_CAPABILITY (unset, default, avx2) and OMP_NUM_THREADS (1, 2). Prints a
line for each run; exits with 1 after the first run that fails, whose output is in build/repeat_tests/.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CAPABILITIES = (None, "default", "avx2")
THREADS = ("1", "2")


def run_suite(number: int, capability: str | None, threads: str, log: Path) -> bool:
    """Run the suite once; returns whether it passed."""
    environment = {**os.environ, "OMP_NUM_THREADS": threads}
    environment.pop("ATEN_CPU_CAPABILITY", None)
    if capability is not None:
        environment["ATEN_CPU_CAPABILITY"] = capability
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as file:
        code = subprocess.run(command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT).returncode
    summary = (log.read_text(encoding="utf-8").splitlines() or [""])[-1]
    seconds = time.monotonic() - started
    print(
        f"run {number}: capability {capability or 'unset'}, threads {threads}, {seconds:.0f} s: {summary}", flush=True
    )
    return code == 0


def main() -> int:
    """Run until all runs passed or one failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    logs = ROOT / "build" / "repeat_tests"
    logs.mkdir(parents=True, exist_ok=True)
    combinations = itertools.cycle(itertools.product(CAPABILITIES, THREADS))
    for number in range(1, options.runs + 1):
        capability, threads = next(combinations)
        if not run_suite(number, capability, threads, logs / f"{number:02}.txt"):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
