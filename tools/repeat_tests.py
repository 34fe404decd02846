"""Run the whole test suite several times in a row, under other instruction sets and thread counts.

    python tools/repeat_tests.py            # ten runs
    python tools/repeat_tests.py --runs 6

Each run takes the next combination of ATEN_CPU_CAPABILITY (unset, default, avx2) and OMP_NUM_THREADS (1, 2). Prints a
line for each run; exits with 1 after the first run that fails, whose output is in build/repeat_tests/. After a stop the
same command goes on behind the runs that passed, as long as the commit is the same and no file is changed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CAPABILITIES = (None, "default", "avx2")
THREADS = ("1", "2")


def commit() -> str | None:
    """Commit of the checkout, None if files differ from it."""
    git = ["git", "-C", str(ROOT)]
    changes = subprocess.run([*git, "status", "--porcelain"], check=True, capture_output=True, text=True).stdout
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    return None if changes else head


def passed_runs(file: Path, head: str | None) -> list[str]:
    """Lines of the runs of this commit that passed one after the other."""
    if head is None or not file.is_file():
        return []
    content = json.loads(file.read_text(encoding="utf-8"))
    lines: list[str] = content["lines"] if content["commit"] == head else []
    return lines


def run_suite(number: int, capability: str | None, threads: str, log: Path) -> tuple[bool, str]:
    """Run the suite once; returns whether it passed, and a line about it."""
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
    return code == 0, f"run {number}: capability {capability or 'unset'}, threads {threads}, {seconds:.0f} s: {summary}"


def main() -> int:
    """Run until all runs passed or one failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    logs = ROOT / "build" / "repeat_tests"
    logs.mkdir(parents=True, exist_ok=True)
    state, head = logs / "passed.json", commit()
    lines = passed_runs(state, head)
    print(*lines, sep="\n", end="\n" if lines else "", flush=True)
    combinations = itertools.cycle(itertools.product(CAPABILITIES, THREADS))
    for number, (capability, threads) in enumerate(itertools.islice(combinations, options.runs), 1):
        if number <= len(lines):
            continue
        passed, line = run_suite(number, capability, threads, logs / f"{number:02}.txt")
        print(line, flush=True)
        if not passed:
            state.unlink(missing_ok=True)
            return 1
        lines.append(line)
        state.write_text(json.dumps({"commit": head, "lines": lines}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
