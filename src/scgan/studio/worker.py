"""Worker thread that computes jobs step by step, for all clients in turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from itertools import count
from threading import Condition, Thread
from typing import Any, TypeVar

from scgan.studio.queue import ClientId, FairQueue

Result = TypeVar("Result")

_DONE = object()
_MAX_JOIN_SECONDS = 5.0  # a step that takes longer ends with the process


class Superseded(Exception):
    """A newer request of the same client and kind replaced this one."""


class TooBusy(Exception):
    """The maximum number of jobs is waiting."""


class Stopping(Exception):
    """The studio is being stopped."""


class Client:
    """Sender of requests.

    Attributes:
        id: identifies the client in the queue.
        replaces: newer requests of a kind replace waiting older ones; otherwise all are computed.
    """

    _counter = count()

    def __init__(self, name: str, replaces: bool, address: str = "") -> None:
        self.id = ClientId(address, name)
        self.replaces = replaces

    def keeping_all(self) -> Client:
        """Return the same client, all of whose requests are computed."""
        return Client(self.id.name, replaces=False, address=self.id.address)

    def queue_kind(self, kind: str) -> str:
        """Return the kind for the queue; it is unique unless requests replace each other."""
        return kind if self.replaces else f"{kind} {next(self._counter)}"


class Worker:
    """Thread that computes one step of one job at a time.

    A job is an iterator. Every step computes one result, and other clients have their turn between two steps. Results
    are buffered, so that a slow client delays nobody. A job is dropped when its client disconnects.

    Args:
        name: of the thread.
        max_waiting: beyond this number a new job takes the place of the newest one of the busiest client, or is
            rejected if its own client is the busiest.
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
            TooBusy: too many jobs are waiting, most of them of this client.
            Stopping: the worker is closed.
            Exception: any exception of a step.
        """
        job = _Job(client.id, client.queue_kind(kind), steps)
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
        """Stop the thread after its current step. All jobs end with ``Stopping``."""
        with self._condition:
            self._closed = True
            waiting = self._queue.jobs()
            self._condition.notify()
        for job in waiting:
            job.deliver(Stopping())
        self._thread.join(timeout=_MAX_JOIN_SECONDS)

    def _enqueue(self, job: _Job) -> None:
        evicted = None
        with self._condition:
            if self._closed:
                raise Stopping
            if len(self._queue) >= self._max_waiting and not self._queue.contains(job.client, job.kind):
                evicted = self._queue.make_room(job.client)
                if evicted is None:
                    raise TooBusy
            replaced = self._queue.put(job.client, job.kind, job)
            self._condition.notify()
        if replaced is not None:
            replaced.deliver(Superseded())
        if evicted is not None:
            evicted.deliver(TooBusy())

    def _drop(self, job: _Job) -> None:
        with self._condition:
            job.dropped = True
            self._queue.remove(job)

    def _requeue(self, job: _Job) -> None:
        """Queue a job again for its next step, unless it was dropped or replaced."""
        with self._condition:
            if job.dropped:
                return
            if self._closed:
                job.deliver(Stopping())
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

    def __init__(self, client: ClientId, kind: str, steps: Iterator[Any]) -> None:
        self.client = client
        self.kind = kind
        self.steps = steps
        self.dropped = False
        self.results: asyncio.Queue[Any] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def deliver(self, item: Any) -> None:
        """Pass a result, an exception or the end to the client. Thread-safe."""
        with suppress(RuntimeError):  # the loop is closed: the studio has been stopped
            self._loop.call_soon_threadsafe(self.results.put_nowait, item)
