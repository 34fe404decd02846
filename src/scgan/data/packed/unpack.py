"""A packed data set as a folder of photos, masks and a table, in the user's cache."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from scgan.data.packed.hugging_face import is_dataset, read_dataset
from scgan.data.packed.items import PackedItem
from scgan.data.packed.web_dataset import find_tars, read_tars
from scgan.utils.cache import cache_folder
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_folder
from scgan.utils.locks import output_lock
from scgan.utils.progress import progress, say
from scgan.utils.text import counted

_DIGEST_LENGTH = 12
_KEY, _SPLIT = "file", "split"  # columns of the table
_MEGABYTE = 2**20

Read = Callable[[Path], Iterator[PackedItem]]


class Unpacked(NamedTuple):
    """Folders and files as ``scgan prepare folder`` takes them.

    Attributes:
        images, masks: folders.
        table: attributes and splits, None where the data set has neither.
        classes: the ``classes.json`` that lay beside the packed files, None if there is none.
    """

    images: Path
    masks: Path
    table: Path | None
    classes: Path | None


def packed_reader(path: Path) -> Read | None:
    """The function that reads a packed data set; None if ``path`` is none."""
    if is_dataset(path):
        return read_dataset
    return read_tars if find_tars(path) else None


def unpack(path: Path, read: Read) -> Unpacked:
    """Write the files of a packed data set to the cache, unless they are there already.

    Raises:
        UserError: the data set is damaged, has no items, or its library is not installed.
    """
    folder = cache_folder("unpacked") / f"{path.name}-{_digest(path)}"
    with output_lock(folder, wait=True):
        if not folder.is_dir():
            with atomic_folder(folder) as partial:
                count = _write(read(path), partial, path)
            say(f"unpacked {counted(count, 'item')} of {path}: {folder} can be removed when the data are prepared.")
    table, classes = folder / "table.csv", (path if path.is_dir() else path.parent) / "classes.json"
    return Unpacked(
        folder / "images",
        folder / "masks",
        table if table.is_file() else None,
        classes if classes.is_file() else None,
    )


def _write(items: Iterator[PackedItem], folder: Path, path: Path) -> int:
    """Write images, masks and the table; returns the number of items."""
    for name in ("images", "masks"):
        (folder / name).mkdir()
    rows: list[tuple[str, str | None, dict[str, str]]] = []
    written, total = 0, sum(file.stat().st_size for file in _files(path))
    with progress(f"unpack {path.name} (MB)", total // _MEGABYTE) as advance:
        for item in items:
            (folder / "images" / f"{item.name}{item.photo.suffix}").write_bytes(item.photo.content)
            (folder / "masks" / f"{item.name}{item.mask.suffix}").write_bytes(item.mask.content)
            rows.append((item.name, item.split or item.values.get(_SPLIT), item.values))
            before, written = written, written + len(item.photo.content) + len(item.mask.content)
            if written // _MEGABYTE > before // _MEGABYTE:
                advance(written // _MEGABYTE - before // _MEGABYTE, "")
    if not rows:
        raise UserError(f"{path} has no items.")
    names = dict.fromkeys(name for _, _, values in rows for name in values)
    columns = [name for name in names if name not in (_KEY, _SPLIT)]
    has_splits = any(split for _, split, _ in rows)
    if columns or has_splits:
        with (folder / "table.csv").open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
            writer = csv.writer(file)
            writer.writerow([_KEY, *columns, *([_SPLIT] if has_splits else [])])
            for name, split, values in rows:
                cells = [values.get(column, "") for column in columns]
                writer.writerow([name, *cells, *([split or ""] if has_splits else [])])
    return len(rows)


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _digest(path: Path) -> str:
    """Hash path, sizes and times of all files: a data set that changed is unpacked again."""
    digest = hashlib.sha256(str(path.resolve()).encode(errors="surrogateescape"))
    for file in _files(path):
        status = file.stat()
        digest.update(f"{file.name} {status.st_size} {status.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:_DIGEST_LENGTH]
