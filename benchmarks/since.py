"""Compare a piece of work in this commit with the same in an earlier one, in turn and in one run.

Each commit runs in a process of its own and waits while the other computes. The process does one round at each line of
its standard input, and prints the seconds that it took.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FACES = "src/scgan/models/shipped/faces"
_FACES_COMMIT = "be53c93"  # the last one whose `faces` has 64×64 pixels, in the present format


def faces_at_64() -> str:
    """Model of 64×64 pixels: the earlier commit's own `faces`, for this one a copy in the present format."""
    return os.environ.get("SCGAN_BENCHMARK_FACES", "faces")


def work(do_round: Callable[[], None]) -> None:
    """Do a round at each line of standard input, and print its seconds."""
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        do_round()
        print(time.perf_counter() - start, flush=True)


def main(script: Path, description: str | None, prepare: Callable[[int], None], what: str) -> None:
    """Read the command line of a benchmark, and print the median ratio of this commit to an earlier one.

    Args:
        script: the benchmark's file.
        description: its help text.
        prepare: prepares with a number of threads and calls ``work``, in the process of each commit.
        what: is computed, for the last line.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the earlier commit")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each commit, after one to warm up")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        prepare(options.threads)
        return
    ratio = compare(options.commit, script, options.threads, options.rounds)
    print(f"{what}, {options.threads} threads: median ratio {ratio:.2f}")


def compare(commit: str, script: Path, threads: int, rounds: int) -> float:
    """Run ``python SCRIPT --work --threads THREADS COMMIT`` in both commits in turn, after a round to warm up.

    Returns:
        The median of the rounds' ratios: seconds now, divided by those earlier.
    """
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "earlier"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree, commit], cwd=ROOT, check=True)
        try:
            trees = {"earlier": tree, "now": ROOT}
            archive = subprocess.run(
                ["git", "archive", _FACES_COMMIT, _FACES], cwd=ROOT, check=True, stdout=subprocess.PIPE
            )
            subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
            processes = {
                name: _start(place, script, threads, commit, Path(folder) / _FACES) for name, place in trees.items()
            }
            ratios = []
            for number in range(rounds + 1):
                seconds = {name: _run_round(process) for name, process in processes.items()}
                if number:
                    ratios.append(seconds["now"] / seconds["earlier"])
                    print(
                        f"earlier {seconds['earlier']:.3f} s, now {seconds['now']:.3f} s: {ratios[-1]:.2f}", flush=True
                    )
            for process in processes.values():
                process.terminate()
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)
    return statistics.median(ratios)


def _start(tree: Path, script: Path, threads: int, commit: str, faces: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(script.resolve()), "--work", "--threads", str(threads), commit]
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "OMP_WAIT_POLICY": "PASSIVE"}
    if tree == ROOT:
        environment["SCGAN_BENCHMARK_FACES"] = str(faces)
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    while process.stdout.readline().strip() != "ready":
        assert process.poll() is None, f"the benchmark does not run in {tree}"
    return process


def _run_round(process: subprocess.Popen[str]) -> float:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return float(process.stdout.readline())
