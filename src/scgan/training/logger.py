"""Log of a training: loss terms as JSON lines and for TensorBoard."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

from scgan.utils.files import atomic_file
from scgan.utils.json_files import parse_json, seal, unseal
from scgan.utils.progress import say


def tensorboard_installed() -> bool:
    """Tell if the extra ``tensorboard`` is installed; without it a log has JSON lines only."""
    return find_spec("tensorboard") is not None


class Logger:
    """Appends to ``folder``/log.jsonl and, where TensorBoard is installed, to ``folder``/tensorboard.

    Args:
        folder: the run folder.
        step: the step from which a run resumes (0 for a new one); lines of later steps, from before a kill, are
            removed.
    """

    def __init__(self, folder: Path, step: int) -> None:
        path = folder / "log.jsonl"
        if path.exists():
            lines = _intact_lines(path, step)
            with atomic_file(path) as partial:
                partial.write_bytes(b"".join(line + b"\n" for line in lines))
        self._file = path.open("a", encoding="utf-8")
        self._tensorboard = None
        if tensorboard_installed():
            from torch.utils.tensorboard import SummaryWriter

            self._tensorboard = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1)

    def write(self, step: int, values: dict[str, float | str]) -> None:
        """Write one line with ``step`` and ``values``; numbers also go to TensorBoard."""
        self._file.write(json.dumps(seal({"step": step, **values})) + "\n")
        self._file.flush()
        if self._tensorboard is None:
            return
        for name, value in values.items():
            if not isinstance(value, str):
                self._tensorboard.add_scalar(name, value, step)

    def close(self) -> None:
        """Flush and close all files."""
        self._file.close()
        if self._tensorboard is not None:
            self._tensorboard.close()


def _intact_lines(file: Path, step: int) -> list[bytes]:
    """Lines up to a step; names damaged ones, but not the last line, which a kill may have cut off."""
    *lines, _ = file.read_bytes().split(b"\n")
    intact = []
    for number, line in enumerate(lines, start=1):
        try:
            if float(unseal(parse_json(line), required=False)["step"]) <= step:
                intact.append(line)
        except (KeyError, TypeError, ValueError):
            say(f"{file}, line {number}, is damaged: it is left out.")
    return intact
