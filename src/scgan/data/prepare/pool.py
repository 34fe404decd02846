"""Items of a source, read by several processes and given back in order."""

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

# Items a worker takes at a time: large enough to hide the messages, small enough for an even end.
ITEMS_PER_TASK = 8


def read_items(source: Source, indices: range, processes: int) -> Generator[Item | str, None, None]:
    """The items in order; a string is the reason why one is skipped."""
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
