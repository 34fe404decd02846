"""Log of a training: loss terms as JSON lines and for TensorBoard."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

from scgan.utils.files import atomic_file


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
            lines = [line for line in path.read_text(encoding="utf-8").splitlines() if _step_of(line) <= step]
            with atomic_file(path) as partial:
                partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        self._file = path.open("a", encoding="utf-8")
        self._tensorboard = None
        if tensorboard_installed():
            from torch.utils.tensorboard import SummaryWriter

            self._tensorboard = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1)

    def write(self, step: int, values: dict[str, float | str]) -> None:
        """Write one line with ``step`` and ``values``; numbers also go to TensorBoard."""
        self._file.write(json.dumps({"step": step, **values}) + "\n")
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


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):  # incomplete line, left by a kill
        return float("inf")
