"""From a source to a prepared folder: several processes read, one writer writes in order, a kill loses little."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from scgan.data.prepare.journal import JOURNAL_FILE, Journal
from scgan.data.prepare.pool import ITEMS_PER_TASK, read_items
from scgan.data.prepare.source import Item, Source
from scgan.data.prepare.writer import DatasetWriter
from scgan.data.prepared import PreparedDataset
from scgan.utils.cluster import open_workers
from scgan.utils.devices import usable_processors
from scgan.utils.errors import FULL_DISK, RunError, UserError
from scgan.utils.files import PARTIAL, claimed_folder, replace_folder, user_path
from scgan.utils.interrupts import defer_interrupts
from scgan.utils.locks import output_lock
from scgan.utils.progress import progress, say
from scgan.utils.text import counted
from scgan.utils.workers import LocalProcesses, WorkerPool


def prepare(
    source: Source,
    out: Path | str,
    processes: int | None = None,
    max_skipped: float | None = None,
    overwrite: bool = False,
    save_every: int = 512,
    *,
    cluster: str | None = None,
) -> PreparedDataset:
    """Write ``source`` to the prepared folder ``out``.

    The folder is called ``out.partial`` until it is finished. When that exists, made with the same options, preparing
    is resumed. The result does not depend on ``processes``.

    Args:
        source: data to read.
        out: folder to write.
        processes: number of processes that read; by default that of the usable processors.
        max_skipped: largest accepted share of items that cannot be used; by default the source's own.
        overwrite: replace ``out`` if it exists, and start from scratch if it is unfinished.
        save_every: number of items between two states from which a killed run can be resumed.
        cluster: address or file of a Dask scheduler, whose workers read instead of processes of this machine.

    Raises:
        UserError: ``out`` exists, another command writes it, too many items cannot be used, or none can; no scheduler
            answers, or a worker reads something else.
        RunError: the disk is full, or the scheduler was lost.
    """
    out = user_path(out)
    if not len(source.names):
        raise UserError(f"nothing to prepare: the source ({source.description}) has no items.")
    max_skipped = source.max_skipped if max_skipped is None else max_skipped
    partial = out.parent / f"{out.name}{PARTIAL}"
    if not overwrite and _complete(out, source):
        return PreparedDataset.open(out)
    with (
        open_workers(cluster, processes or usable_processors()) as workers,
        claimed_folder(out, overwrite),
        failures_explained(partial),
    ):
        _fill(partial, source, workers, max_skipped, overwrite, save_every)
        replace_folder(partial, out)
        (out / JOURNAL_FILE).unlink()  # until here, a kill is resumed
    return PreparedDataset.open(out)


def _complete(out: Path, source: Source) -> bool:
    """Complete a folder that a kill left with its final name and its journal; false for all others."""
    if not (out / JOURNAL_FILE).is_file():
        return False
    with output_lock(out):
        if not (out / JOURNAL_FILE).is_file():  # the command that held the lock has completed it
            return False
        Journal.open(out, source)
        (out / JOURNAL_FILE).unlink()
    return True


def _fill(
    partial: Path, source: Source, workers: WorkerPool, max_skipped: float, overwrite: bool, save_every: int
) -> None:
    """Write or resume the unfinished folder."""
    if overwrite or not (partial / JOURNAL_FILE).is_file():  # without one it is of no use, or an older result
        shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, exist_ok=True)
    with DatasetWriter(partial, source) as writer:
        if writer.journal.done:
            say(f"resuming {partial} at item {writer.journal.done} of {len(source.names)}")
        read_all(source, writer, workers, save_every)
        _require_few_skipped(writer.journal, source, max_skipped, partial)
        writer.finish()


@contextmanager
def failures_explained(partial: Path) -> Iterator[None]:
    """Turn errors of the file system into sentences, and say that a stopped preparing can be resumed."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL_DISK:
            raise RunError(
                f"{partial} cannot be written ({error.strerror}): make room and run the same command again, it resumes."
            ) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.ENOENT, errno.EEXIST, errno.ENOTDIR):
            raise UserError(f"{partial} cannot be written ({error.strerror}): choose another --out.") from error
        raise
    except KeyboardInterrupt:
        say(f"progress is saved in {partial}: run the same command again to resume.")
        raise


def read_all(source: Source, writer: DatasetWriter, workers: WorkerPool, save_every: int) -> None:
    """Let workers read the items that are missing, and append them; a signal stops it after an item."""
    total = len(source.names)
    start = writer.journal.done
    if isinstance(workers, LocalProcesses):
        workers = LocalProcesses(max(1, min(workers.count, (total - start) // ITEMS_PER_TASK)))
    with (
        defer_interrupts() as interrupted,
        progress("prepare", total, start) as advance,
        closing(read_items(source, range(start, total), workers, interrupted)) as results,
    ):
        for done, result in enumerate(_stoppable(results, interrupted), start=start + 1):
            if isinstance(result, str):
                writer.skip(result)
            else:
                writer.append(result)
            if done % save_every == 0:
                writer.save()
            advance(1, f"{len(writer.journal.skipped)} skipped" if writer.journal.skipped else "")
            if interrupted():
                raise KeyboardInterrupt


def _stoppable(results: Iterator[Item | str], interrupted: Callable[[], bool]) -> Iterator[Item | str]:
    """Yield the results; a SIGTERM to all processes kills the readers, which is no error of theirs."""
    try:
        yield from results
    except UserError:
        if interrupted():
            raise KeyboardInterrupt from None
        raise


def _require_few_skipped(journal: Journal, source: Source, max_skipped: float, partial: Path) -> None:
    skipped, total = len(journal.skipped), len(source.names)
    if journal.rows and skipped <= max_skipped * total:
        return
    index, reason = journal.skipped[0]
    raise UserError(
        f"{skipped} of {counted(total, 'item')} cannot be used, more than --max-skipped {max_skipped:g} allows; the "
        f"first is {source.names[index]}: {reason}. All of them are in {partial / 'skipped.csv'}: fix them and start "
        "from scratch with --overwrite, or run the same command with a larger --max-skipped."
    )
