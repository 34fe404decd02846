"""Dask schedulers and workers in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from patience import MAX_SECONDS


class DaskProcesses(NamedTuple):
    """A scheduler with two workers.

    Attributes:
        file: names the scheduler; for ``--cluster``.
        scheduler: its process.
        workers: their processes.
    """

    file: Path
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


@contextmanager
def dask_processes(folder: Path) -> Iterator[DaskProcesses]:
    """Start a scheduler and two workers on the loopback interface; kill what is left at the end."""
    file = folder / "scheduler.json"
    with (folder / "dask.log").open("w") as log:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(file), "--no-dashboard"]
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)

        processes = [start("scheduler", "--host", "127.0.0.1", "--port", "0")]
        try:
            end = time.monotonic() + MAX_SECONDS
            while not file.is_file():
                assert processes[0].poll() is None and time.monotonic() < end, (folder / "dask.log").read_text()
                time.sleep(0.05)
            processes += [start("worker", "--no-nanny", "--nthreads", "1") for _ in range(2)]
            yield DaskProcesses(file, processes[0], processes[1:])
        finally:
            for process in processes:
                process.kill()
                process.wait()
