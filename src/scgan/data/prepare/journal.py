"""How far an unfinished prepared folder has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Journal:
    """How far an unfinished folder has come: items done, and of these the index and reason of each skipped one."""

    description: dict[str, Any]
    items: str  # digest of their names
    done: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.done - len(self.skipped)
