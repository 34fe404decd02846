"""Writer of a prepared folder: appends rows to its arrays."""

from __future__ import annotations

import csv
import json
import os
import shutil
from contextlib import ExitStack
from io import BufferedRandom
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.data.checksums import checksums_of, remember_checked, write_checksums
from scgan.data.items import ItemSplits, encode_names
from scgan.data.prepare.account import Account, Reason, count_reasons
from scgan.data.prepare.journal import Journal
from scgan.data.prepare.source import Item, Source
from scgan.data.prepared import FORMAT, fingerprint_of
from scgan.faces.landmarks import LANDMARK_COUNT
from scgan.schema import IGNORED
from scgan.utils.errors import RunError, UserError
from scgan.utils.json_files import seal

_ITEM_ARRAYS = ("names", "name_ends", "split_rows")
_COPIED_BYTES = 2**24


class DatasetWriter:
    """Appends items to the arrays of a prepared folder, and resumes a folder that is unfinished.

    The headers of the arrays get their final length in ``finish``; until then the journal counts the rows.

    Args:
        folder: an existing folder, empty or unfinished.
        source: where the items come from.

    Raises:
        UserError: the folder was begun with other options or items, or is damaged.
    """

    def __init__(self, folder: Path, source: Source) -> None:
        schema = source.schema
        size = schema.image_size
        self._folder = folder
        self._source = source
        self._shapes: dict[str, tuple[type, tuple[int, ...]]] = {
            "images": (np.uint8, (size, size, 3)),
            "segmentations": (np.uint8, (size, size)),
            "attributes": (np.float32, (schema.attribute_count,)),
        }
        if schema.landmarks:
            self._shapes["landmarks"] = (np.float32, (LANDMARK_COUNT, 2))
        self._files: dict[str, BufferedRandom] = {}
        self.journal = Journal.open(folder, source)

    def __enter__(self) -> DatasetWriter:
        for name in self._shapes:
            path = self._folder / f"{name}.npy"
            length = len(self._header(name, 0)) + self.journal.rows * self._row_bytes(name)
            if self.journal.done and not (path.is_file() and path.stat().st_size >= length):
                raise UserError(f"{path} is shorter than its journal says: start from scratch with --overwrite.")
            file = path.open("r+b" if self.journal.done else "w+b")
            self._files[name] = file
            if not self.journal.done:
                file.write(self._header(name, 0))
            file.truncate(length)
            file.seek(0, os.SEEK_END)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind and issubclass(kind, (KeyboardInterrupt, RunError, UserError)):
                self.save()
        finally:
            with ExitStack() as stack:  # a full disk may fail each of them
                for file in self._files.values():
                    stack.callback(file.close)

    def append(self, item: Item) -> None:
        parts: dict[str, NDArray[Any] | None] = {
            "images": item.image,
            "segmentations": item.segmentation,
            "attributes": item.attributes,
            "landmarks": item.landmarks,
        }
        for name, values in parts.items():
            if name not in self._shapes:
                continue
            dtype, shape = self._shapes[name]
            # An item of another shape is a bug of the source, not a mistake of the user.
            assert values is not None and values.dtype == dtype and values.shape == shape, f"{name}: {values!r}"
            self._files[name].write(np.ascontiguousarray(values).tobytes())
        self._count(item)
        self.journal.done += 1

    def _count(self, item: Item) -> None:
        """Count what the account says about items."""
        journal = self.journal
        ignored = int(np.count_nonzero(item.segmentation == IGNORED))
        journal.ignored_pixels += ignored
        journal.ignored_items += ignored > 0
        for note in item.notes:
            first, count = journal.notes.get(note, (journal.done, 0))
            journal.notes[note] = (first, count + 1)

    def skip(self, reason: str) -> None:
        """Record that the next item cannot be used."""
        self.journal.skipped.append((self.journal.done, reason))
        self.journal.done += 1

    def extend(self, folder: Path, journal: Journal) -> None:
        """Append the rows of another unfinished folder, which holds the items that follow."""
        begin = self.journal.done
        for name, file in self._files.items():
            with (folder / f"{name}.npy").open("rb") as rows:
                rows.seek(len(self._header(name, 0)))
                shutil.copyfileobj(rows, file, _COPIED_BYTES)
        self.journal.skipped += [(begin + index, reason) for index, reason in journal.skipped]
        for note, (place, number) in journal.notes.items():
            first, count = self.journal.notes.get(note, (begin + place, 0))
            self.journal.notes[note] = (first, count + number)
        self.journal.ignored_pixels += journal.ignored_pixels
        self.journal.ignored_items += journal.ignored_items
        self.journal.done += journal.done

    def save(self) -> None:
        """Write everything so far to disk: first the rows, then the journal that counts them."""
        for file in self._files.values():
            file.flush()
        with (self._folder / "skipped.csv").open("w", newline="", encoding="utf-8", errors="backslashreplace") as table:
            rows = ((self._source.names[index], reason) for index, reason in self.journal.skipped)
            csv.writer(table).writerows([("name", "reason"), *rows])
        self.journal.save(self._folder)

    def finish(self) -> None:
        """Give the arrays their length and write ``dataset.json``. The journal stays: ``prepare`` removes it last."""
        self.save()
        skipped = {index for index, _ in self.journal.skipped}
        kept = [index for index in range(self.journal.done) if index not in skipped]
        names = [self._source.names[index] for index in kept]
        splits = [self._source.splits[index] for index in kept]
        for name, file in self._files.items():
            file.seek(0)
            file.write(self._header(name, self.journal.rows))
            file.flush()
        schema = self._source.schema
        checked = {name: checksums_of(self._folder / f"{name}.npy") for name in self._shapes}
        fingerprint = fingerprint_of((digest for _, digest in checked.values()), schema, names, splits)
        split_counts = self._write_items(names, ItemSplits.of(splits))
        files = {f"{name}.npy": checksums for name, (checksums, _) in checked.items()}
        files |= {f"{name}.npy": checksums_of(self._folder / f"{name}.npy")[0] for name in _ITEM_ARRAYS}
        values = {
            "format": FORMAT,
            "fingerprint": fingerprint,
            "splits": split_counts,
            "schema": schema.to_json(),
            "source": self._source.description,
            "account": self._account().to_json(),
            "checksums": write_checksums(self._folder, files),
        }
        (self._folder / "dataset.json").write_text(json.dumps(seal(values), indent=1), encoding="utf-8")
        remember_checked(self._folder, {name: len(checksums.blocks) for name, checksums in files.items()})

    def _write_items(self, names: list[str], splits: ItemSplits) -> dict[str, int]:
        """Write names and splits; returns the number of items of each split."""
        text, ends = encode_names(names)
        rows, counts = splits.arrays()
        arrays: tuple[NDArray[Any], ...] = (text, ends, rows)
        for name, array in zip(_ITEM_ARRAYS, arrays, strict=True):
            np.save(self._folder / f"{name}.npy", array)
        return counts

    def _account(self) -> Account:
        journal, all_names = self.journal, self._source.names
        pixels = journal.rows * self._source.schema.image_size**2
        return Account(
            kept=journal.rows,
            skipped=count_reasons([(all_names[index], reason) for index, reason in journal.skipped]),
            item_notes=tuple(Reason(text, count, all_names[first]) for text, (first, count) in journal.notes.items()),
            ignored_pixels=journal.ignored_pixels / pixels if pixels else 0.0,
            ignored_items=journal.ignored_items,
            source=self._source.notes,
        )

    def _row_bytes(self, name: str) -> int:
        dtype, shape = self._shapes[name]
        return int(np.prod(shape)) * np.dtype(dtype).itemsize

    def _header(self, name: str, rows: int) -> bytes:
        """A .npy header whose length does not depend on the number of rows."""
        dtype, shape = self._shapes[name]
        text = f"{{'descr': {np.dtype(dtype).str!r}, 'fortran_order': False, 'shape': {(rows, *shape)!r}, }}"
        return b"\x93NUMPY\x01\x00" + (246).to_bytes(2, "little") + text.ljust(245).encode("latin1") + b"\n"
