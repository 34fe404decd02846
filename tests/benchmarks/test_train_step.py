"""Benchmark of an iteration against the plain code, at a size that takes seconds."""

import os
import re
import subprocess
import sys
from pathlib import Path

from patience import MAX_SECONDS

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "train_step.py"


def test_both_sides_compute_an_iteration() -> None:
    ended = subprocess.run(
        [sys.executable, str(SCRIPT), "--size", "32", "--width", "4", "--batch", "4", "--repeats", "1"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
    )
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"\d", ended.stdout), ended.stdout
