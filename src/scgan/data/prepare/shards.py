"""Preparing in shards: several machines read a part each, ``join_shards`` makes the folder that one would have written.

The shards of ``faces`` lie in ``faces.shards/1-of-8`` … ``8-of-8``, on a disk that all machines share or copied there.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from pydantic import TypeAdapter, ValidationError

from scgan.data.checksums import checksums_of
from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.journal import JOURNAL_FILE, Journal
from scgan.data.prepare.prepare import failures_explained, read_all
from scgan.data.prepare.source import Item, Source
from scgan.data.prepare.writer import DatasetWriter
from scgan.data.prepared import PreparedDataset
from scgan.schema import Schema
from scgan.utils.devices import usable_processors
from scgan.utils.errors import UserError
from scgan.utils.files import PARTIAL, claimed_folder, replace_folder, user_path
from scgan.utils.json_files import JsonError, read_json, seal, unseal
from scgan.utils.locks import output_lock
from scgan.utils.progress import progress, say
from scgan.utils.text import counted
from scgan.utils.workers import LocalProcesses

SHARD_FILE = "shard.json"
"""Written last: a folder with it is a finished shard."""

_FOLDER = re.compile(r"(\d{1,6})-of-(\d{1,6})")


class Shard(NamedTuple):
    """Part ``number`` (from 1) of ``of`` parts."""

    number: int
    of: int

    @staticmethod
    def parse(text: str) -> Shard:
        """``"2/8"``.

        Raises:
            UserError: it is no such text, or there is no such part.
        """
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if not match or not 1 <= int(match[1]) <= int(match[2]):
            raise UserError(f"--shard {text}: write the part and the number of parts, from 1/8 to 8/8 for eight.")
        return Shard(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def rows(self, total: int) -> range:
        """Items of this part: neighbors, and as many as in every other part or one more or less."""
        return range(total * (self.number - 1) // self.of, total * self.number // self.of)

    def folder(self, out: Path) -> Path:
        """Folder of this part of ``out``."""
        return out.with_name(f"{out.name}.shards") / f"{self.number}-of-{self.of}"


@dataclass(frozen=True)
class _Part:
    """Some items of a source, as a source."""

    max_skipped: ClassVar[float] = 1.0

    source: Source
    rows: range

    @property
    def schema(self) -> Schema:
        return self.source.schema

    @property
    def names(self) -> Sequence[str]:
        return self.source.names[self.rows.start : self.rows.stop]

    @property
    def splits(self) -> Sequence[str]:
        return self.source.splits[self.rows.start : self.rows.stop]

    @property
    def description(self) -> dict[str, Any]:
        return self.source.description

    @property
    def notes(self) -> SourceNotes:
        return self.source.notes

    def read(self, index: int) -> Item:
        return self.source.read(self.rows[index])


def prepare_shard(
    source: Source,
    out: Path | str,
    shard: Shard,
    *,
    processes: int | None = None,
    max_skipped: float | None = None,
    overwrite: bool = False,
    save_every: int = 512,
) -> Path:
    """Read one part of a source; an unfinished one is resumed, a finished one stays.

    Args:
        source: all data, the same for every part.
        out: folder that ``join_shards`` will write.
        shard: the part.
        processes, save_every: as for ``prepare``.
        max_skipped: share of all items that cannot be used, which ``join_shards`` checks.
        overwrite: read the part again from its first item.

    Returns:
        The folder of the part.

    Raises:
        UserError: another command writes the part, or it was begun with other options or items.
        RunError: the disk is full.
    """
    out = user_path(out)
    if not len(source.names):
        raise UserError(f"nothing to prepare: the source ({source.description}) has no items.")
    folder = shard.folder(out)
    part = _Part(source, shard.rows(len(source.names)))
    with output_lock(folder), failures_explained(folder):
        if overwrite:
            shutil.rmtree(folder, ignore_errors=True)
        if (folder / SHARD_FILE).is_file():
            Journal.open(folder, part)
            say(f"{folder} is finished already.")
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        with DatasetWriter(folder, part) as writer:
            if writer.journal.done:
                say(f"resuming {folder} at item {writer.journal.done} of {len(part.names)}")
            read_all(part, writer, LocalProcesses(processes or usable_processors()), save_every)
            writer.save()
        limit = source.max_skipped if max_skipped is None else max_skipped
        _write_description(folder, part, shard, limit)
    return folder


def _write_description(folder: Path, part: _Part, shard: Shard, max_skipped: float) -> None:
    """Write all that joining needs to know about a part beside its arrays and its journal."""
    values = {
        "shard": list(shard),
        "common": {
            "total": len(part.source.names),
            "schema": part.schema.to_json(),
            "source": part.description,
            "notes": asdict(part.notes),
            "max_skipped": max_skipped,
        },
        "names": list(part.names),
        "splits": list(part.splits),
        "files": {file.name: checksums_of(file)[1].hex() for file in [*folder.glob("*.npy"), folder / JOURNAL_FILE]},
    }
    partial = folder / f"{SHARD_FILE}{PARTIAL}"
    partial.write_text(json.dumps(seal(values)), encoding="utf-8")
    partial.replace(folder / SHARD_FILE)


@dataclass(frozen=True)
class _Joined:
    """All parts as the source that they were read from; its items are not read again."""

    max_skipped: ClassVar[float] = 1.0

    schema: Schema
    names: tuple[str, ...]
    splits: tuple[str, ...]
    description: dict[str, Any]
    notes: SourceNotes

    def read(self, index: int) -> Item:
        raise AssertionError(f"item {index} was read by a shard")


def join_shards(out: Path | str, overwrite: bool = False, max_skipped: float | None = None) -> PreparedDataset:
    """Join the parts of ``out`` to the prepared folder ``out``, the same as ``prepare`` writes, byte for byte.

    Args:
        out: the folder to write; its parts lie in ``out.shards`` and stay there.
        overwrite: replace ``out`` if it exists.
        max_skipped: largest accepted share of items that cannot be used; by default the one given to the parts.

    Raises:
        UserError: a part is missing, unfinished, damaged, being written or of other data, or there are parts of two
            numbers; too many items cannot be used; ``out`` exists.
        RunError: the disk is full.
    """
    out = user_path(out)
    folders = _find_shards(out)
    partial = out.with_name(f"{out.name}{PARTIAL}-join")
    with ExitStack() as locks, failures_explained(partial):
        for folder in folders:  # before that of out, which would cover them
            locks.enter_context(output_lock(folder))
        locks.enter_context(claimed_folder(out, overwrite))
        parts = [_read_description(folder) for folder in folders]
        source = _joined(folders, parts)
        with _removed_on_failure(partial):
            limit = float(parts[0]["common"]["max_skipped"]) if max_skipped is None else max_skipped
            _write_joined(partial, source, folders, parts, limit)
            replace_folder(partial, out)
    return PreparedDataset.open(out)


def _find_shards(out: Path) -> list[Path]:
    """Folders of all parts, in their order.

    Raises:
        UserError: there are none, some are missing, or they belong to different numbers of parts.
    """
    top = Shard(1, 1).folder(out).parent
    matches = [match for path in top.glob("*-of-*") if (match := _FOLDER.fullmatch(path.name))]
    if not matches:
        raise UserError(f"{top} holds no shards: write them with scgan prepare … --shard 1/8 --out {out}, and so on.")
    counts = sorted({int(match[2]) for match in matches})
    if len(counts) > 1:
        raise UserError(f"{top} holds shards of {' and of '.join(map(str, counts))} parts: remove those of one number.")
    there = {int(match[1]) for match in matches}
    missing = [number for number in range(1, counts[0] + 1) if number not in there]
    if missing:
        shown = ", ".join(f"{number}/{counts[0]}" for number in missing[:8]) + ("…" if len(missing) > 8 else "")
        raise UserError(
            f"{top} lacks {counted(len(missing), 'shard')} of {counts[0]} (--shard {shown}): run them first."
        )
    return [Shard(number, counts[0]).folder(out) for number in range(1, counts[0] + 1)]


def _read_description(folder: Path) -> dict[str, Any]:
    """Description of a finished part.

    Raises:
        UserError: it is not finished, or damaged.
    """
    file = folder / SHARD_FILE
    if not file.is_file():
        raise UserError(f"{folder} is not finished: run its command again, it resumes.")
    try:
        return unseal(read_json(file))
    except JsonError as error:
        raise _damaged(file, str(error)) from error


def _damaged(file: Path, reason: str) -> UserError:
    return UserError(f"{file} is damaged ({reason}): write this shard again with --overwrite.")


def _joined(folders: Sequence[Path], parts: Sequence[Mapping[str, Any]]) -> _Joined:
    """Source of all parts.

    Raises:
        UserError: a part is of other data or options than the first one.
    """
    first = parts[0]["common"]
    for folder, part in zip(folders, parts, strict=True):
        other = next((name for name, value in part["common"].items() if value != first.get(name)), None)
        number, count = part["shard"]
        if other is not None:
            raise UserError(
                f"{folder} was made from other data or options than {folders[0]} ({other} differs): write one of them "
                "again with --overwrite."
            )
        if f"{number}-of-{count}" != folder.name or len(part["names"]) != len(
            Shard(number, count).rows(first["total"])
        ):
            raise UserError(f"{folder} holds shard {number}/{count} under another name: rename or remove it.")
    try:
        notes = TypeAdapter(SourceNotes).validate_python(first["notes"])
    except ValidationError as error:
        raise _damaged(folders[0] / SHARD_FILE, "its notes") from error
    return _Joined(
        schema=Schema.from_json(first["schema"], str(folders[0] / SHARD_FILE)),
        names=tuple(name for part in parts for name in part["names"]),
        splits=tuple(split for part in parts for split in part["splits"]),
        description=first["source"],
        notes=notes,
    )


@contextmanager
def _removed_on_failure(partial: Path) -> Iterator[None]:
    shutil.rmtree(partial, ignore_errors=True)  # left by a kill
    try:
        yield
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _require_few_skipped(journal: Journal, source: _Joined, max_skipped: float, top: Path) -> None:
    total = len(source.names)
    if journal.rows and len(journal.skipped) <= max_skipped * total:
        return
    index, reason = journal.skipped[0]
    raise UserError(
        f"{len(journal.skipped)} of {counted(total, 'item')} cannot be used, more than --max-skipped {max_skipped:g} "
        f"allows; the first is {source.names[index]}: {reason}. The skipped.csv of each folder in {top} lists its own: "
        "fix them and write these shards again with --overwrite, or join with a larger --max-skipped."
    )


def _write_joined(
    partial: Path, source: _Joined, folders: Sequence[Path], parts: Sequence[Mapping[str, Any]], max_skipped: float
) -> None:
    partial.mkdir(parents=True)
    with DatasetWriter(partial, source) as writer, progress("join", len(folders)) as advance:
        for folder, part in zip(folders, parts, strict=True):
            for name, digest in part["files"].items():
                if checksums_of(folder / name)[1].hex() != digest:
                    raise _damaged(folder / name, "it changed since it was written")
            splits = tuple(part["splits"])
            shard_source = _Joined(source.schema, tuple(part["names"]), splits, source.description, source.notes)
            writer.extend(folder, Journal.open(folder, shard_source))
            advance(1, "")
        _require_few_skipped(writer.journal, source, max_skipped, folders[0].parent)
        writer.finish()
    (partial / JOURNAL_FILE).unlink()
