"""Run scgan, and send a signal to its process at a given change of files in the current folder.

    python tools/stop_at.py COUNTER NUMBER SIGNAL COMMAND ...

Before the change NUMBER (1, 2, …) of a file or folder below the current folder, the process gets SIGNAL; 0 sends none.
COUNTER is a file outside of the current folder that gets the number of changes. So each moment between two changes can
be tried, on slow and fast machines alike.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Sequence
from typing import Any

CHANGES = frozenset(
    ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.link", "os.symlink", "shutil.rmtree")
)


class Counter:
    """Audit hook that counts changes of files."""

    def __init__(self, file: str, number: int, signal_number: int) -> None:
        self.file, self.number, self.signal_number = file, number, signal_number
        self.folder = os.getcwd() + os.sep
        self.process = os.getpid()
        self.count = 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif event in CHANGES:
            path = arguments[0]
        else:
            return
        if not isinstance(path, str | bytes | os.PathLike) or os.getpid() != self.process:
            return
        if os.path.abspath(os.fsdecode(path)).startswith(self.folder):
            self.count += 1
            if self.count == self.number:
                os.kill(self.process, self.signal_number)


def run_counted(file: str, number: int, signal_number: int, command: Sequence[str]) -> None:
    """Install the hook in this process and become ``python -m scgan``."""
    counter = Counter(file, number, signal_number)
    sys.argv = ["scgan", *command]
    sys.addaudithook(counter)
    try:
        runpy.run_module("scgan", run_name="__main__", alter_sys=True)
    finally:
        if os.getpid() == counter.process:
            with open(file, "w", encoding="ascii") as stream:
                stream.write(str(counter.count))


if __name__ == "__main__":
    run_counted(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
