"""Pool of processes that read the items of a source; results come back in order."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread

from scgan.data.prepare.source import Item, Source
from scgan.utils.errors import ItemError, UserError

# Items that a worker reads at a time: large enough to hide the cost of messages, small enough to end evenly.
ITEMS_PER_TASK = 8


def read_items(source: Source, indices: range, processes: int) -> Generator[Item | str, None, None]:
    """Yield the items in order, or for an item that cannot be used the reason (a string).

    Raises:
        UserError: something is wrong with the source as a whole, or a worker was killed.
    """
    if processes == 1:
        for index in indices:
            yield _read(source, index)
        return
    tasks = deque(indices[first : first + ITEMS_PER_TASK] for first in range(0, len(indices), ITEMS_PER_TASK))
    # "spawn": forking a process that has threads (torch, OpenMP) can hang.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _start_worker, (source,))
    running: deque[Future[list[Item | str]]] = deque()
    try:
        while tasks or running:
            with _signals_blocked():
                while tasks and len(running) < 4 * processes:
                    running.append(pool.submit(_read_task, tasks.popleft()))
            yield from running.popleft().result()
    except BrokenProcessPool as error:
        raise UserError(
            "a reading process was killed, most likely because the memory ran out: run the same command again with "
            "fewer --processes, and it resumes."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Block Ctrl-C and SIGHUP, which reach all processes of a terminal: those started meanwhile never see them.

    The parent handles them, afterwards. SIGTERM is left, because the pool ends its processes with it.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_worker_source: Source


def _start_worker(source: Source) -> None:
    Thread(target=_exit_with_parent, daemon=True).start()
    global _worker_source
    _worker_source = source


def _exit_with_parent() -> None:
    """End this worker when its parent is killed; it would wait forever for its next task."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _read_task(indices: range) -> list[Item | str]:
    return [_read(_worker_source, index) for index in indices]


def _read(source: Source, index: int) -> Item | str:
    try:
        return source.read(index)
    except ItemError as error:
        return str(error)
