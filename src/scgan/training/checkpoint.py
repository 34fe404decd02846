"""Checkpoints: written atomically, verified by a digest, the newest few kept."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple

import torch

from scgan.utils.errors import UserError, is_system_fault
from scgan.utils.files import atomic_folder
from scgan.utils.json_files import file_digest
from scgan.utils.progress import say


class Checkpoint(NamedTuple):
    """State of a training.

    Attributes:
        step: number of finished steps.
        digest: SHA-256 of the file, hexadecimal.
        state: as given to ``save_checkpoint``.
    """

    step: int
    digest: str
    state: dict[str, Any]


def save_checkpoint(folder: Path, step: int, state: dict[str, Any], keep: int) -> None:
    """Write ``state`` as ``folder``/<step> and remove all but the newest ``keep`` checkpoints."""
    with atomic_folder(folder / f"{step:08}") as partial:
        with (partial / "state.pt").open("wb") as file:
            try:
                torch.save(state, file)
            except RuntimeError as error:
                if isinstance(error.__context__, OSError):  # a full disk, which torch hides
                    raise error.__context__ from error
                raise
        (partial / "sha256").write_text(file_digest(partial / "state.pt"), encoding="ascii")
    for old in _checkpoints(folder)[:-keep]:
        shutil.rmtree(old)


def load_checkpoint(folder: Path, device: torch.device) -> Checkpoint | None:
    """Read the newest intact checkpoint; None where there is no checkpoint yet. No code in the file is executed.

    Raises:
        UserError: every checkpoint is damaged or of another program.
    """
    checkpoints = _checkpoints(folder)
    if not checkpoints:
        return None
    for checkpoint in reversed(checkpoints):
        try:
            digest = (checkpoint / "sha256").read_text(encoding="ascii")
            if digest != file_digest(checkpoint / "state.pt"):
                raise ValueError("its digest does not match")
            state = torch.load(checkpoint / "state.pt", map_location=device, weights_only=True)
            return Checkpoint(int(checkpoint.name), digest, state)
        except (OSError, ValueError, RuntimeError, UnpicklingError) as error:
            if is_system_fault(error):  # it may be whole: a run does not go back behind it without a word
                raise
            say(f"checkpoint {checkpoint} is damaged ({error}); trying the one before.")
    raise UserError(f"every checkpoint in {folder} is damaged: start from scratch with another --out.")


def _checkpoints(folder: Path) -> list[Path]:
    """List all complete checkpoints, the oldest first; a folder that cannot be listed is an error, not an empty one."""
    if not folder.exists():
        return []
    return sorted(path for path in folder.iterdir() if re.fullmatch("[0-9]{8}", path.name) and path.is_dir())
