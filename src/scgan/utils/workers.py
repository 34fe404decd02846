"""Workers that call one function many times at once; results come back in order."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, Protocol, TypeVar

from scgan.utils.errors import UserError

Shared = TypeVar("Shared")
Argument = TypeVar("Argument")
Result = TypeVar("Result")

TASKS_PER_WORKER = 4
"""Number of tasks that wait or run for each worker: enough that none is idle, few enough to hold their results."""


def never() -> bool:
    """Stand in for ``interrupted`` where nothing interrupts."""
    return False


class WorkerPool(Protocol):
    """Processes that call functions: on this machine (``LocalProcesses``) or on a cluster (``Cluster``)."""

    def map(
        self,
        function: Callable[[Shared, Argument], Result],
        shared: Shared,
        arguments: Sequence[Argument],
        interrupted: Callable[[], bool] = never,
    ) -> Generator[Result]:
        """Yield ``function(shared, argument)`` for each argument, in order.

        Args:
            function: of a module; it must give the same result wherever and whenever it is called.
            shared: sent to each worker once.
            arguments: sent with each call.
            interrupted: asked while results of other machines are awaited.

        Raises:
            UserError: a process of this machine was killed, or the function raised it.
            RunError: the cluster was lost.
            KeyboardInterrupt: ``interrupted`` returned True.
        """


class LocalProcesses:
    """Processes of this machine; a single one is this process itself.

    Args:
        count: number of processes.
    """

    def __init__(self, count: int = 1) -> None:
        self.count = count

    def map(
        self,
        function: Callable[[Shared, Argument], Result],
        shared: Shared,
        arguments: Sequence[Argument],
        interrupted: Callable[[], bool] = never,
    ) -> Generator[Result]:
        """Yield results as ``WorkerPool.map`` does."""
        if self.count == 1:
            return (function(shared, argument) for argument in arguments)
        return self._map(function, shared, arguments)

    def _map(
        self, function: Callable[[Shared, Argument], Result], shared: Shared, arguments: Sequence[Argument]
    ) -> Generator[Result]:
        # "spawn": forking a process that has threads (torch, OpenMP) can hang.
        pool = ProcessPoolExecutor(self.count, get_context("spawn"), _start_worker, (shared,))

        def submit(argument: Argument) -> Future[Result]:
            with _signals_blocked():
                return pool.submit(_call_with_shared, function, argument)

        try:
            for future in window(submit, arguments, lambda: TASKS_PER_WORKER * self.count):
                yield future.result()
        except BrokenProcessPool as error:
            raise UserError(
                "a reading process was killed, most likely because the memory ran out: run the same command again with "
                "fewer --processes, and it resumes."
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def window(
    submit: Callable[[Argument], Future[Result]], arguments: Iterable[Argument], size: Callable[[], int]
) -> Iterator[Future[Result]]:
    """Submit arguments and yield their futures in order; ``size()`` tells how many may be under way."""
    waiting = iter(arguments)
    running: deque[Future[Result]] = deque()
    while True:
        for argument in waiting:
            running.append(submit(argument))
            if len(running) >= size():
                break
        if not running:
            return
        yield running.popleft()


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


_shared: Any


def _start_worker(shared: Any) -> None:
    Thread(target=_exit_with_parent, daemon=True).start()
    global _shared
    _shared = shared


def _exit_with_parent() -> None:
    """End this worker when its parent is killed; it would wait forever for its next task."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _call_with_shared(function: Callable[[Any, Argument], Result], argument: Argument) -> Result:
    return function(_shared, argument)
