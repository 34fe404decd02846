"""State of an unfinished prepared folder, so that preparing it can be resumed."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scgan.data.prepare.source import Source
from scgan.utils.errors import UserError
from scgan.utils.json_files import read_json

JOURNAL_FILE = "journal.json"


@dataclass
class Journal:
    """Progress of an unfinished prepared folder.

    Attributes:
        description: the source's, as JSON values.
        items: digest of the items' names.
        done: number of items that were read.
        skipped: index and reason of each item among these that cannot be used.
        notes: remark about items → index of the first of them, and their number.
        ignored_pixels: number of pixels that belong to no class.
        ignored_items: number of items that have such pixels.
    """

    description: dict[str, Any]
    items: str
    done: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)
    notes: dict[str, tuple[int, int]] = field(default_factory=dict)
    ignored_pixels: int = 0
    ignored_items: int = 0

    @property
    def rows(self) -> int:
        """Number of items that were written."""
        return self.done - len(self.skipped)

    @staticmethod
    def open(folder: Path, source: Source) -> Journal:
        """The journal of ``folder``, or an empty one where there is none.

        Raises:
            UserError: the journal is damaged, or the folder was begun with other options or items.
        """
        new = Journal(
            description=json.loads(json.dumps(source.description)),
            items=hashlib.sha256(json.dumps(list(source.names)).encode()).hexdigest(),
        )
        file = folder / JOURNAL_FILE
        if not file.exists():
            return new
        journal = _read(file)
        keys = sorted(journal.description.keys() | new.description.keys())
        changes = [
            f"{key} was {journal.description.get(key)}, is now {new.description.get(key)}"
            for key in keys
            if journal.description.get(key) != new.description.get(key)
        ]
        if changes or journal.items != new.items:
            raise UserError(
                f"{folder} was begun with other options or items ({'; '.join(changes) or 'their names changed'}): use "
                "the same ones, or start from scratch with --overwrite."
            )
        return journal

    def save(self, folder: Path) -> None:
        """Write the journal to ``folder`` in one step, so that a kill leaves the old one or the new one."""
        file = folder / JOURNAL_FILE
        partial = file.with_suffix(".new")
        partial.write_text(json.dumps(vars(self)), encoding="utf-8")
        os.replace(partial, file)


def _read(file: Path) -> Journal:
    try:
        values = read_json(file)
        skipped = [(int(index), str(reason)) for index, reason in values["skipped"]]
        notes = {str(text): (int(first), int(count)) for text, (first, count) in values["notes"].items()}
        return Journal(
            description=dict(values["description"]),
            items=values["items"],
            done=int(values["done"]),
            skipped=skipped,
            notes=notes,
            ignored_pixels=int(values["ignored_pixels"]),
            ignored_items=int(values["ignored_items"]),
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{file} is damaged: start from scratch with --overwrite.") from error
