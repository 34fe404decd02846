"""From a source to a prepared folder: several processes read, one ordered writer writes, a kill costs little."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import closing
from pathlib import Path

from scgan.data.prepare.journal import Journal
from scgan.data.prepare.pool import ITEMS_PER_TASK, read_items
from scgan.data.prepare.source import Source
from scgan.data.prepare.writer import Writer
from scgan.data.prepared import PreparedDataset
from scgan.utils.errors import UserError
from scgan.utils.files import refuse_existing_folder, replace_folder
from scgan.utils.interrupts import defer_interrupts
from scgan.utils.progress import progress, say

# How many items are read between two states that a killed run can go on from.
_ITEMS_BETWEEN_SAVES = 512


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
    refuse_existing_folder(out, overwrite)
    if not len(source.names):
        raise UserError(f"nothing to prepare: the source ({source.description}) has no items.")
    partial = out.with_name(f"{out.name}.partial")
    if overwrite:
        shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True, exist_ok=True)
        with Writer(partial, source) as writer:
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


def _check_skipped(journal: Journal, source: Source, max_skipped: float, partial: Path) -> None:
    skipped, total = len(journal.skipped), len(source.names)
    if journal.rows and skipped <= max_skipped * total:
        return
    index, reason = journal.skipped[0]
    raise UserError(
        f"{skipped} of {total} items cannot be used, more than --max-skipped {max_skipped:g} allows; the first is "
        f"{source.names[index]}: {reason}. All of them are in {partial / 'skipped.csv'}: mend them and start anew with "
        "--overwrite, or run the same command with a larger --max-skipped."
    )


def _read_all(source: Source, writer: Writer, processes: int) -> None:
    total = len(source.names)
    start = writer.journal.done
    processes = max(1, min(processes, (total - start) // ITEMS_PER_TASK))
    with (
        defer_interrupts() as stopped,
        progress("prepare", total, start) as advance,
        closing(read_items(source, range(start, total), processes)) as results,
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
