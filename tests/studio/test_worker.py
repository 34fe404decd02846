"""Order of steps, replaced jobs, disconnected clients, and errors."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from threading import Event

import pytest

from patience import MAX_SECONDS
from scgan.studio.worker import Client, Stopping, Superseded, TooBusy, Worker

Test = Callable[[Worker], Awaitable[None]]


def with_worker(test: Test, max_waiting: int = 64) -> None:
    worker = Worker("test", max_waiting)
    try:
        asyncio.run(asyncio.wait_for(test(worker), timeout=MAX_SECONDS))
    finally:
        worker.close()


class Gate:
    """Step that blocks, so that other jobs queue up behind it."""

    def __init__(self) -> None:
        self.reached, self.open = Event(), Event()

    def steps(self) -> Iterator[str]:
        self.reached.set()
        assert self.open.wait(MAX_SECONDS)
        yield "gate"

    async def hold(self, worker: Worker) -> "asyncio.Task[str]":
        task = asyncio.create_task(worker.first_result(Client("holder", False), "gate", self.steps()))
        await asyncio.to_thread(self.reached.wait, MAX_SECONDS)
        return task


def record(notes: list[str], name: str, count: int = 1) -> Iterator[str]:
    for step in range(count):
        notes.append(f"{name}{step}")
        yield f"{name}{step}"


async def collect(worker: Worker, client: Client, kind: str, steps: Iterator[str]) -> list[str]:
    return [item async for item in worker.stream(client, kind, steps)]


def test_jobs_take_turns_step_by_step() -> None:
    async def test(worker: Worker) -> None:
        gate, notes = Gate(), list[str]()
        held = await gate.hold(worker)
        long = asyncio.create_task(collect(worker, Client("a", True), "video", record(notes, "a", 4)))
        short = asyncio.create_task(collect(worker, Client("b", True), "image", record(notes, "b", 2)))
        await asyncio.sleep(0.05)
        gate.open.set()
        assert await held == "gate"
        assert await long == ["a0", "a1", "a2", "a3"] and await short == ["b0", "b1"]
        assert notes == ["a0", "b0", "a1", "b1", "a2", "a3"]

    with_worker(test)


def test_newer_request_replaces_the_older_one() -> None:
    async def test(worker: Worker) -> None:
        gate, notes = Gate(), list[str]()
        held = await gate.hold(worker)
        client = Client("a", replaces=True)
        old = asyncio.create_task(worker.first_result(client, "image", record(notes, "old")))
        await asyncio.sleep(0.05)
        new = asyncio.create_task(worker.first_result(client, "image", record(notes, "new")))
        with pytest.raises(Superseded):
            await old
        gate.open.set()
        assert await new == "new0"
        assert await held == "gate"
        assert "old0" not in notes

    with_worker(test)


def test_requests_without_a_client_name_are_all_computed() -> None:
    async def test(worker: Worker) -> None:
        client = Client("address", replaces=False)
        notes: list[str] = []
        jobs = [worker.first_result(client, "image", record(notes, str(number))) for number in range(5)]
        assert await asyncio.gather(*jobs) == [f"{number}0" for number in range(5)]

    with_worker(test)


def test_job_of_a_disconnected_client_stops() -> None:
    async def test(worker: Worker) -> None:
        notes: list[str] = []
        results = worker.stream(Client("a", True), "video", record(notes, "a", 1_000_000))
        async for _ in results:
            break
        await results.aclose()
        count = len(notes)
        await asyncio.sleep(0.1)
        assert len(notes) <= count + 1  # the current step

    with_worker(test)


def test_slow_client_does_not_delay_others() -> None:
    async def test(worker: Worker) -> None:
        notes: list[str] = []
        slow = worker.stream(Client("slow", True), "video", record(notes, "s", 3))
        assert await anext(slow) == "s0"
        for _ in range(3):
            assert await worker.first_result(Client("quick", True), "image", record(notes, "q")) == "q0"
        assert [item async for item in slow] == ["s1", "s2"]

    with_worker(test)


def test_error_of_a_step_reaches_only_its_client() -> None:
    def failing() -> Iterator[str]:
        yield "first"
        raise ValueError("no")

    async def test(worker: Worker) -> None:
        with pytest.raises(ValueError, match="no"):
            await collect(worker, Client("a", True), "video", failing())
        assert await worker.first_result(Client("b", True), "image", record([], "b")) == "b0"

    with_worker(test)


def test_full_queue_rejects_new_jobs_and_accepts_replacements() -> None:
    async def test(worker: Worker) -> None:
        gate = Gate()
        held = await gate.hold(worker)
        waiting = [asyncio.create_task(worker.first_result(Client(name, True), "p", record([], name))) for name in "ab"]
        await asyncio.sleep(0.05)
        with pytest.raises(TooBusy):
            await worker.first_result(Client("c", True), "p", record([], "c"))
        newer = asyncio.create_task(worker.first_result(Client("a", True), "p", record([], "n")))
        with pytest.raises(Superseded):
            await waiting[0]
        gate.open.set()
        assert await asyncio.gather(held, waiting[1], newer) == ["gate", "b0", "n0"]

    with_worker(test, max_waiting=2)


def test_quiet_client_gets_the_place_of_the_busiest() -> None:
    async def test(worker: Worker) -> None:
        gate, notes = Gate(), list[str]()
        held = await gate.hold(worker)
        flood = Client("", replaces=False, address="flood")
        jobs = [worker.first_result(flood, "image", record(notes, f"f{number}")) for number in range(4)]
        waiting = [asyncio.create_task(job) for job in jobs]
        await asyncio.sleep(0.05)
        with pytest.raises(TooBusy):
            await worker.first_result(flood, "image", record(notes, "f4"))
        quiet = asyncio.create_task(worker.first_result(Client("q", True, "quiet"), "image", record(notes, "q")))
        with pytest.raises(TooBusy):
            await waiting[3]
        gate.open.set()
        assert await quiet == "q0" and await held == "gate"
        assert await asyncio.gather(*waiting[:3]) == ["f00", "f10", "f20"]

    with_worker(test, max_waiting=4)


def test_closing_ends_all_jobs() -> None:
    async def test(worker: Worker) -> None:
        gate = Gate()
        held = await gate.hold(worker)
        waiting = asyncio.create_task(worker.first_result(Client("a", True), "p", record([], "a")))
        endless = asyncio.create_task(collect(worker, Client("b", True), "v", record([], "b", 1_000_000)))
        await asyncio.sleep(0.05)
        closing = asyncio.create_task(asyncio.to_thread(worker.close))
        for job in (waiting, endless):
            with pytest.raises(Stopping):
                await job
        gate.open.set()
        assert await held == "gate"
        await closing
        with pytest.raises(Stopping):
            await worker.first_result(Client("c", True), "p", record([], "c"))

    with_worker(test)
