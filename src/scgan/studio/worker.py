"""Worker thread that computes jobs step by step, for all clients in turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from itertools import count
from threading import Condition, Thread
from typing import Any, TypeVar

from scgan.studio.queue import FairQueue

Result = TypeVar("Result")

_DONE = object()


class Superseded(Exception):
    """A newer request of the same client and kind replaced this one."""


class TooBusy(Exception):
    """The maximum number of jobs is waiting."""


class Client:
    """Sender of requests.

    Attributes:
        name: identifies the client in the queue.
        replaces: newer requests of a kind replace waiting older ones; otherwise all are computed.
    """

    _counter = count()

    def __init__(self, name: str, replaces: bool) -> None:
        self.name = name
        self.replaces = replaces

    def queue_kind(self, kind: str) -> str:
        """Return the kind for the queue; it is unique unless requests replace each other."""
        return kind if self.replaces else f"{kind} {next(self._counter)}"


class Worker:
    """Thread that computes one step of one job at a time.

    A job is an iterator. Every step computes one result, and other clients have their turn between two steps. Results
    are buffered, so that a slow client delays nobody. A job is dropped when its client disconnects.

    Args:
        name: of the thread.
        max_waiting: jobs beyond this number are rejected.
    """

    def __init__(self, name: str, max_waiting: int = 64) -> None:
        self._max_waiting = max_waiting
        self._queue: FairQueue[_Job] = FairQueue()
        self._condition = Condition()
        self._closed = False
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def stream(self, client: Client, kind: str, steps: Iterator[Result]) -> AsyncGenerator[Result, None]:
        """Compute the steps, and yield their results as soon as they are ready.

        Raises:
            Superseded: a newer request of the client replaced this one.
            TooBusy: too many jobs are waiting.
            Exception: any exception of a step.
        """
        job = _Job(client.name, client.queue_kind(kind), steps)
        self._enqueue(job)
        try:
            while (item := await job.results.get()) is not _DONE:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self._drop(job)

    async def first_result(self, client: Client, kind: str, steps: Iterator[Result]) -> Result:
        """Compute the first step, and return its result."""
        async with aclosing(self.stream(client, kind, steps)) as results:
            return await anext(results)

    def close(self) -> None:
        """Stop the thread after its current step."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        self._thread.join()

    def _enqueue(self, job: _Job) -> None:
        with self._condition:
            if len(self._queue) >= self._max_waiting and not self._queue.contains(job.client, job.kind):
                raise TooBusy
            replaced = self._queue.put(job.client, job.kind, job)
            self._condition.notify()
        if replaced is not None:
            replaced.deliver(Superseded())

    def _drop(self, job: _Job) -> None:
        with self._condition:
            job.dropped = True
            self._queue.remove(job)

    def _requeue(self, job: _Job) -> None:
        """Queue a job again for its next step, unless it was dropped or replaced."""
        with self._condition:
            if job.dropped:
                return
            superseded = self._queue.contains(job.client, job.kind)
            if not superseded:
                self._queue.put(job.client, job.kind, job)
        if superseded:
            job.deliver(Superseded())

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._closed and not len(self._queue):
                    self._condition.wait()
                if self._closed:
                    return
                job = self._queue.take()
            assert job is not None
            try:
                result = next(job.steps, _DONE)
            except Exception as error:
                job.deliver(error)
            else:
                job.deliver(result)
                if result is not _DONE:
                    self._requeue(job)


class _Job:
    """Steps and the queue of their results. Must be created in the event loop."""

    def __init__(self, client: str, kind: str, steps: Iterator[Any]) -> None:
        self.client = client
        self.kind = kind
        self.steps = steps
        self.dropped = False
        self.results: asyncio.Queue[Any] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def deliver(self, item: Any) -> None:
        """Pass a result, an exception or the end to the client. Thread-safe."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.results.put_nowait, item)
