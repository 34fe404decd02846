"""Duration of a whole `scgan generate`, compared with an earlier commit in one run.

    python benchmarks/start_since.py 783415c [--rounds 5] [--threads 2]

Each round is a new process that generates an image of each example of a model of faces (64×64). Both use their default
engines, whose files are in the cache after the round to warm up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from since import faces_at_64, main, work


def start(threads: int) -> None:
    """Run the command once for each line of standard input."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}

    def do_round() -> None:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "scgan", "generate", faces_at_64(), "--out", f"{folder}/images"]
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)

    work(do_round)


if __name__ == "__main__":
    main(Path(__file__), __doc__, start, "scgan generate")
