"""Source of numbers, one of which ends a process once: that of the worker that reads it, or another one.

Workers in processes of their own import it by this name.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.source import Item
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import ItemError

COUNT, DEADLY = 40, 21


@dataclass(frozen=True)
class DeadlySource:
    """Item i is an image of the number i; every tenth cannot be used.

    Attributes:
        victim: file with the number of the process that item ``DEADLY`` kills, and that it removes before; 0 in it is
            the process that reads. No file: nobody.
        brightness: added by processes other than ``home``, as of another version of a file.
    """

    max_skipped: ClassVar[float] = 0.2

    victim: Path
    brightness: int = 0
    home: int = 0

    schema: ClassVar[Schema] = Schema(32, ("background", "object"), distinct_colors(2), ("odd",))
    names: ClassVar[list[str]] = [f"n{index}" for index in range(COUNT)]
    splits: ClassVar[list[str]] = ["train", "train", "validation", "test"] * (COUNT // 4)
    description: ClassVar[dict[str, Any]] = {"source": "numbers"}
    notes: ClassVar[SourceNotes] = SourceNotes()

    def read(self, index: int) -> Item:
        if index == DEADLY and self.victim.is_file():
            number = int(self.victim.read_text())
            self.victim.unlink()
            os.kill(number or os.getpid(), signal.SIGKILL)
        if index % 10 == 7:
            raise ItemError(f"{index} is unlucky")
        value = index + (self.brightness if os.getpid() != self.home else 0)
        mask = np.full((32, 32), index % 2, np.uint8)
        return Item(np.full((32, 32, 3), value, np.uint8), mask, np.array([index % 2], np.float32))
