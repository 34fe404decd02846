"""One thread for all: steps in turn, answers to those who still want them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from threading import Event

import pytest

from scgan.studio.worker import Client, Superseded, TooBusy, Worker

Test = Callable[[Worker], Awaitable[None]]


def with_worker(test: Test, most_waiting: int = 64) -> None:
    worker = Worker("test", most_waiting)
    try:
        asyncio.run(asyncio.wait_for(test(worker), timeout=20))
    finally:
        worker.close()


class Gate:
    """A step that waits, so that others can queue up behind it."""

    def __init__(self) -> None:
        self.reached, self.open = Event(), Event()

    def steps(self) -> Iterator[str]:
        self.reached.set()
        assert self.open.wait(10)
        yield "gate"

    async def hold(self, worker: Worker) -> "asyncio.Task[str]":
        task = asyncio.create_task(worker.first(Client("holder", False), "gate", self.steps()))
        await asyncio.to_thread(self.reached.wait, 10)
        return task


def noting(notes: list[str], name: str, count: int = 1) -> Iterator[str]:
    for step in range(count):
        notes.append(f"{name}{step}")
        yield f"{name}{step}"


async def everything(worker: Worker, client: Client, kind: str, steps: Iterator[str]) -> list[str]:
    return [item async for item in worker.stream(client, kind, steps)]


def test_long_jobs_and_short_ones_take_turns_step_by_step() -> None:
    async def test(worker: Worker) -> None:
        gate, notes = Gate(), list[str]()
        held = await gate.hold(worker)
        long = asyncio.create_task(everything(worker, Client("a", True), "film", noting(notes, "a", 4)))
        short = asyncio.create_task(everything(worker, Client("b", True), "picture", noting(notes, "b", 2)))
        await asyncio.sleep(0.05)
        gate.open.set()
        assert await held == "gate"
        assert await long == ["a0", "a1", "a2", "a3"] and await short == ["b0", "b1"]
        assert notes == ["a0", "b0", "a1", "b1", "a2", "a3"]

    with_worker(test)


def test_a_newer_request_of_a_client_takes_the_older_ones_place() -> None:
    async def test(worker: Worker) -> None:
        gate, notes = Gate(), list[str]()
        held = await gate.hold(worker)
        client = Client("a", replaces=True)
        old = asyncio.create_task(worker.first(client, "picture", noting(notes, "old")))
        await asyncio.sleep(0.05)
        new = asyncio.create_task(worker.first(client, "picture", noting(notes, "new")))
        with pytest.raises(Superseded):
            await old
        gate.open.set()
        assert await new == "new0"
        assert await held == "gate"
        assert "old0" not in notes

    with_worker(test)


def test_without_a_name_every_request_is_served() -> None:
    async def test(worker: Worker) -> None:
        client = Client("address", replaces=False)
        notes: list[str] = []
        jobs = [worker.first(client, "picture", noting(notes, str(number))) for number in range(5)]
        assert await asyncio.gather(*jobs) == [f"{number}0" for number in range(5)]

    with_worker(test)


def test_a_job_whose_client_has_gone_takes_no_more_steps() -> None:
    async def test(worker: Worker) -> None:
        notes: list[str] = []
        results = worker.stream(Client("a", True), "film", noting(notes, "a", 1_000_000))
        async for _ in results:
            break
        await results.aclose()
        count = len(notes)
        await asyncio.sleep(0.1)
        assert len(notes) <= count + 1  # the step it was at

    with_worker(test)


def test_results_wait_for_a_slow_client_while_others_are_served() -> None:
    async def test(worker: Worker) -> None:
        notes: list[str] = []
        slow = worker.stream(Client("slow", True), "film", noting(notes, "s", 3))
        assert await anext(slow) == "s0"
        for _ in range(3):
            assert await worker.first(Client("quick", True), "picture", noting(notes, "q")) == "q0"
        assert [item async for item in slow] == ["s1", "s2"]

    with_worker(test)


def test_an_error_of_a_step_reaches_the_one_who_asked_and_nobody_else() -> None:
    def failing() -> Iterator[str]:
        yield "first"
        raise ValueError("no")

    async def test(worker: Worker) -> None:
        with pytest.raises(ValueError, match="no"):
            await everything(worker, Client("a", True), "film", failing())
        assert await worker.first(Client("b", True), "picture", noting([], "b")) == "b0"

    with_worker(test)


def test_when_too_many_wait_newcomers_are_refused_but_not_those_who_wait_already() -> None:
    async def test(worker: Worker) -> None:
        gate = Gate()
        held = await gate.hold(worker)
        waiting = [asyncio.create_task(worker.first(Client(name, True), "p", noting([], name))) for name in "ab"]
        await asyncio.sleep(0.05)
        with pytest.raises(TooBusy):
            await worker.first(Client("c", True), "p", noting([], "c"))
        newer = asyncio.create_task(worker.first(Client("a", True), "p", noting([], "n")))
        with pytest.raises(Superseded):
            await waiting[0]
        gate.open.set()
        assert await asyncio.gather(held, waiting[1], newer) == ["gate", "b0", "n0"]

    with_worker(test, most_waiting=2)
