"""The arrays of a prepared folder, appended to row by row."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from io import BufferedRandom
from pathlib import Path

import numpy as np

from scgan.data.prepare.journal import Journal
from scgan.data.prepare.source import Item, Source
from scgan.data.prepared import FORMAT, fingerprint_of
from scgan.faces.landmarks import LANDMARK_COUNT
from scgan.utils.errors import UserError


class Writer:
    """Appends rows to the arrays. Their headers get the final length at the end; until then the journal has it."""

    def __init__(self, folder: Path, source: Source) -> None:
        schema = source.schema
        size = schema.image_size
        self.folder = folder
        self.source = source
        self.shapes: dict[str, tuple[type, tuple[int, ...]]] = {
            "images": (np.uint8, (size, size, 3)),
            "segmentations": (np.uint8, (size, size)),
            "attributes": (np.float32, (schema.attribute_count,)),
        }
        if schema.landmarks:
            self.shapes["landmarks"] = (np.float32, (LANDMARK_COUNT, 2))
        self.journal = self._load_journal()
        self.files: dict[str, BufferedRandom] = {}

    def __enter__(self) -> Writer:
        for name in self.shapes:
            path = self.folder / f"{name}.npy"
            length = len(self._header(name, 0)) + self.journal.rows * self._row_bytes(name)
            if self.journal.done and not (path.is_file() and path.stat().st_size >= length):
                raise UserError(f"{path} is shorter than the work done so far: start anew with --overwrite.")
            file = path.open("r+b" if self.journal.done else "w+b")
            self.files[name] = file
            if not self.journal.done:
                file.write(self._header(name, 0))
            file.truncate(length)
            file.seek(0, os.SEEK_END)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind and issubclass(kind, (KeyboardInterrupt, UserError)):
                self.save()
        finally:
            for file in self.files.values():
                file.close()

    def append(self, item: Item) -> None:
        for name, values in zip(("images", "segmentations", "attributes", "landmarks"), item, strict=True):
            if name not in self.shapes:
                continue
            dtype, shape = self.shapes[name]
            # A source that breaks its promise is our bug, not the user's.
            assert values is not None and values.dtype == dtype and values.shape == shape, f"{name}: {values!r}"
            self.files[name].write(np.ascontiguousarray(values).tobytes())
        self.journal.done += 1

    def skip(self, reason: str) -> None:
        self.journal.skipped.append((self.journal.done, reason))
        self.journal.done += 1

    def save(self) -> None:
        """Make everything so far survive a kill: first the rows, then the journal that counts them."""
        for file in self.files.values():
            file.flush()
        with (self.folder / "skipped.csv").open("w", newline="", encoding="utf-8") as table:
            rows = ((self.source.names[index], reason) for index, reason in self.journal.skipped)
            csv.writer(table).writerows([("name", "reason"), *rows])
        journal = self.folder / "journal.json"
        beside = journal.with_suffix(".new")
        beside.write_text(json.dumps(vars(self.journal)), encoding="utf-8")
        os.replace(beside, journal)

    def finish(self) -> None:
        """Give the arrays their length and write ``dataset.json``."""
        self.save()
        skipped = {index for index, _ in self.journal.skipped}
        kept = [index for index in range(self.journal.done) if index not in skipped]
        names = [self.source.names[index] for index in kept]
        splits = [self.source.splits[index] for index in kept]
        for name, file in self.files.items():
            file.seek(0)
            file.write(self._header(name, self.journal.rows))
            file.flush()
        schema = self.source.schema
        values = {
            "format": FORMAT,
            "fingerprint": fingerprint_of(self.folder, list(self.shapes), schema, names, splits),
            "schema": schema.to_json(),
            "source": self.source.description,
            "skipped": len(self.journal.skipped),
            "warnings": list(self.source.warnings),
            "names": names,
            "splits": splits,
        }
        (self.folder / "dataset.json").write_text(json.dumps(values, indent=1), encoding="utf-8")
        (self.folder / "journal.json").unlink()

    def _load_journal(self) -> Journal:
        file = self.folder / "journal.json"
        description = json.loads(json.dumps(self.source.description))
        items = hashlib.sha256(json.dumps(list(self.source.names)).encode()).hexdigest()
        if not file.exists():
            return Journal(description, items)
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            skipped = [(int(index), str(reason)) for index, reason in values["skipped"]]
            journal = Journal(dict(values["description"]), values["items"], int(values["done"]), skipped)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{file} is damaged: start anew with --overwrite.") from error
        changed = [
            f"{key} was {journal.description.get(key)}, is now {description.get(key)}"
            for key in sorted(journal.description.keys() | description.keys())
            if journal.description.get(key) != description.get(key)
        ]
        if changed or journal.items != items:
            raise UserError(
                f"{self.folder} was begun with other options or items ({'; '.join(changed) or 'their names changed'}): "
                "use the same ones, or start anew with --overwrite."
            )
        return journal

    def _row_bytes(self, name: str) -> int:
        dtype, shape = self.shapes[name]
        return int(np.prod(shape)) * np.dtype(dtype).itemsize

    def _header(self, name: str, rows: int) -> bytes:
        """A .npy header whose length does not depend on the number of rows."""
        dtype, shape = self.shapes[name]
        text = f"{{'descr': {np.dtype(dtype).str!r}, 'fortran_order': False, 'shape': {(rows, *shape)!r}, }}"
        return b"\x93NUMPY\x01\x00" + (246).to_bytes(2, "little") + text.ljust(245).encode("latin1") + b"\n"
