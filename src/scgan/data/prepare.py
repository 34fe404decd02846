"""From a source to a prepared folder: several processes read, one ordered writer writes, a kill costs little."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import shutil
import signal
import sys
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from io import BufferedRandom
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import FORMAT, LANDMARK_COUNT, PreparedDataset, fingerprint_of
from scgan.errors import ItemError, UserError
from scgan.outputs import replace_folder, require_new_folder
from scgan.progress import progress, say
from scgan.schema import Schema
from scgan.stopping import stop_signals


class Item(NamedTuple):
    """One row, ready to be written.

    Attributes:
        image: uint8 (H, W, 3), RGB, at the schema's size.
        segmentation: uint8 (H, W), class indices.
        attributes: float32 (n_attributes,) in [0, 1].
        landmarks: float32 (68, 2) as fractions of width and height, or None where the schema has no landmarks.
    """

    image: NDArray[np.uint8]
    segmentation: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None = None


class Source(Protocol):
    """Anything that can be prepared. It is sent to other processes (picklable) and must be deterministic."""

    @property
    def schema(self) -> Schema: ...

    @property
    def names(self) -> Sequence[str]:
        """The items, in the order of the source."""

    @property
    def splits(self) -> Sequence[str]:
        """For each item "train", "validation" or "test"."""

    @property
    def description(self) -> dict[str, Any]:
        """JSON values: what it is and the options used. An unfinished folder goes on only with the same ones."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a person should know about the source as a whole."""

    def read(self, index: int) -> Item:
        """One item.

        Raises:
            ItemError: this item cannot be used; it is skipped and recorded.
            UserError: something is wrong with the source as a whole; the work stops.
        """


@dataclass
class _Journal:
    """How far an unfinished folder has come: items done, and of these the index and reason of each skipped one."""

    description: dict[str, Any]
    items: str  # digest of their names
    done: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.done - len(self.skipped)


# How many items are read between two states that a killed run can go on from.
_ITEMS_BETWEEN_SAVES = 512
# Items a worker takes at a time: large enough to hide the messages, small enough for an even end.
_ITEMS_PER_TASK = 8


def prepare(
    source: Source,
    out: Path,
    processes: int | None = None,
    max_skipped: float = 0.01,
    overwrite: bool = False,
) -> PreparedDataset:
    """Write ``source`` to the prepared folder ``out``.

    While it is being made the folder is called ``out.partial``; when that exists, made by the same options, the work
    goes on where it stopped. The result does not depend on ``processes``.

    Args:
        source: what to read.
        out: the folder to make.
        processes: how many read at once; the number of cores by default.
        max_skipped: the largest share of unusable items that is accepted.
        overwrite: replace ``out`` if it exists, and start anew if it is unfinished.

    Raises:
        UserError: ``out`` exists, too many items cannot be used, none can, or the disk is full.
    """
    require_new_folder(out, overwrite)
    if not len(source.names):
        raise UserError(f"nothing to prepare: the source ({source.description}) has no items.")
    partial = out.with_name(f"{out.name}.partial")
    if overwrite:
        shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True, exist_ok=True)
        with _Writer(partial, source) as writer:
            if writer.journal.done:
                say(f"going on with {partial} at item {writer.journal.done} of {len(source.names)}")
            _read_all(source, writer, processes or os.cpu_count() or 1)
            _check_skipped(writer.journal, source, max_skipped, partial)
            writer.finish()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(f"the disk of {partial} is full: make room and run the same command again.") from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.ENOENT, errno.EEXIST, errno.ENOTDIR):
            raise UserError(f"{partial} cannot be written ({error.strerror}): choose another --out.") from error
        raise
    except KeyboardInterrupt:
        say(f"what is done stands in {partial}: the same command goes on from there.")
        raise
    replace_folder(partial, out)
    for warning in source.warnings:
        say(f"warning: {warning}")
    if writer.journal.skipped:
        say(f"skipped {len(writer.journal.skipped)} of {len(source.names)} items, see {out / 'skipped.csv'}")
    return PreparedDataset.open(out)


def _check_skipped(journal: _Journal, source: Source, max_skipped: float, partial: Path) -> None:
    skipped, total = len(journal.skipped), len(source.names)
    if journal.rows and skipped <= max_skipped * total:
        return
    index, reason = journal.skipped[0]
    raise UserError(
        f"{skipped} of {total} items cannot be used, more than --max-skipped {max_skipped:g} allows; the first is "
        f"{source.names[index]}: {reason}. All of them are in {partial / 'skipped.csv'}: mend them and start anew with "
        "--overwrite, or run the same command with a larger --max-skipped."
    )


def _read_all(source: Source, writer: _Writer, processes: int) -> None:
    total = len(source.names)
    start = writer.journal.done
    processes = max(1, min(processes, (total - start) // _ITEMS_PER_TASK))
    with (
        stop_signals() as stopped,
        progress("prepare", total, start) as advance,
        closing(_results(source, range(start, total), processes)) as results,
    ):
        for done, result in enumerate(results, start=start + 1):
            if isinstance(result, str):
                writer.skip(result)
            else:
                writer.append(result)
            if done % _ITEMS_BETWEEN_SAVES == 0:
                writer.save()
            advance(1, f"{len(writer.journal.skipped)} skipped" if writer.journal.skipped else "")
            if stopped():
                raise KeyboardInterrupt


def _results(source: Source, indices: range, processes: int) -> Generator[Item | str, None, None]:
    """The items in order; a string is the reason why one is skipped."""
    if processes == 1:
        for index in indices:
            yield _read(source, index)
        return
    tasks = deque(indices[first : first + _ITEMS_PER_TASK] for first in range(0, len(indices), _ITEMS_PER_TASK))
    # "spawn": forking a process that has threads (torch, OpenMP) can hang.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _start_worker, (source,))
    running: deque[Future[list[Item | str]]] = deque()
    try:
        while tasks or running:
            with _ctrl_c_blocked():
                while tasks and len(running) < 4 * processes:
                    running.append(pool.submit(_work, tasks.popleft()))
            yield from running.popleft().result()
    except BrokenProcessPool as error:
        raise UserError(
            "a reading process was killed, most likely for want of memory: run the same command again, it goes on "
            "where it stopped, with fewer --processes."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl-C, it is the parent's to handle; here it comes afterwards."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_worker_source: Source


def _start_worker(source: Source) -> None:
    Thread(target=_follow_parent, daemon=True).start()
    global _worker_source
    _worker_source = source


def _follow_parent() -> None:
    """A worker would wait for ever for its next task when its parent is killed."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work(indices: range) -> list[Item | str]:
    return [_read(_worker_source, index) for index in indices]


def _read(source: Source, index: int) -> Item | str:
    try:
        return source.read(index)
    except ItemError as error:
        return str(error)


class _Writer:
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

    def __enter__(self) -> _Writer:
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

    def _load_journal(self) -> _Journal:
        file = self.folder / "journal.json"
        description = json.loads(json.dumps(self.source.description))
        items = hashlib.sha256(json.dumps(list(self.source.names)).encode()).hexdigest()
        if not file.exists():
            return _Journal(description, items)
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            skipped = [(int(index), str(reason)) for index, reason in values["skipped"]]
            journal = _Journal(dict(values["description"]), values["items"], int(values["done"]), skipped)
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
