"""One thread that computes, step by step, for all clients in turn; the event loop only waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from itertools import count
from threading import Condition, Thread
from typing import Any, TypeVar

from scgan.studio.queue import FairQueue

Result = TypeVar("Result")

_END = object()


class Superseded(Exception):
    """A newer request of the same client and kind took this one's place."""


class TooBusy(Exception):
    """So many jobs wait that no more are taken."""


class Client:
    """Who asks.

    Attributes:
        name: takes turns with other names.
        replaces: whether newer requests of a kind replace waiting older ones; else they all are served.
    """

    _numbers = count()

    def __init__(self, name: str, replaces: bool) -> None:
        self.name = name
        self.replaces = replaces

    def kind(self, kind: str) -> str:
        """What the queue calls a request of this kind."""
        return kind if self.replaces else f"{kind} {next(self._numbers)}"


class Worker:
    """A thread that takes one step of one job at a time.

    A job is an iterator: every step computes one result, and between two steps others have their turn. The results
    wait for the one who asked, so that a slow client holds nobody up; a job whose client has gone takes no more steps.

    Args:
        name: of the thread.
        most_waiting: more waiting jobs are refused.
    """

    def __init__(self, name: str, most_waiting: int = 64) -> None:
        self._most_waiting = most_waiting
        self._queue: FairQueue[_Job] = FairQueue()
        self._changed = Condition()
        self._closed = False
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def stream(self, client: Client, kind: str, steps: Iterator[Result]) -> AsyncGenerator[Result, None]:
        """Have the steps computed; yields their results as they come.

        Raises:
            Superseded: a newer request of the client took this one's place.
            TooBusy: too many wait.
            Exception: what a step raised.
        """
        job = _Job(client.name, client.kind(kind), steps)
        self._put(job)
        try:
            while (item := await job.results.get()) is not _END:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self._drop(job)

    async def first(self, client: Client, kind: str, steps: Iterator[Result]) -> Result:
        """Have the steps computed; the first result is the answer."""
        async with aclosing(self.stream(client, kind, steps)) as results:
            return await anext(results)

    def close(self) -> None:
        """End the thread after the step it is at."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _put(self, job: _Job) -> None:
        with self._changed:
            if len(self._queue) >= self._most_waiting and not self._queue.holds(job.client, job.kind):
                raise TooBusy
            replaced = self._queue.put(job.client, job.kind, job)
            self._changed.notify()
        if replaced is not None:
            replaced.deliver(Superseded())

    def _drop(self, job: _Job) -> None:
        with self._changed:
            job.dropped = True
            self._queue.remove(job)

    def _put_back(self, job: _Job) -> None:
        """A job that was taken goes on waiting for its next step, unless it is not wanted any more."""
        with self._changed:
            if job.dropped:
                return
            superseded = self._queue.holds(job.client, job.kind)
            if not superseded:
                self._queue.put(job.client, job.kind, job)
        if superseded:
            job.deliver(Superseded())

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and not len(self._queue):
                    self._changed.wait()
                if self._closed:
                    return
                job = self._queue.take()
            assert job is not None
            try:
                result = next(job.steps, _END)
            except Exception as error:
                job.deliver(error)
            else:
                job.deliver(result)
                if result is not _END:
                    self._put_back(job)


class _Job:
    """Steps, and where their results go. Made in the event loop."""

    def __init__(self, client: str, kind: str, steps: Iterator[Any]) -> None:
        self.client = client
        self.kind = kind
        self.steps = steps
        self.dropped = False
        self.results: asyncio.Queue[Any] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def deliver(self, item: Any) -> None:
        """Hand over a result, an error or the end; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.results.put_nowait, item)
