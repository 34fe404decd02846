"""Order of jobs in the fair queue."""

from scgan.studio.queue import FairQueue


def order(queue: FairQueue[str]) -> list[str]:
    taken = []
    while (job := queue.take()) is not None:
        taken.append(job)
    return taken


def test_clients_take_turns() -> None:
    queue: FairQueue[str] = FairQueue()
    for kind in "pqrs":
        queue.put("greedy", kind, f"greedy {kind}")
    queue.put("modest", "p", "modest p")
    queue.put("late", "p", "late p")
    assert order(queue) == ["greedy p", "modest p", "late p", "greedy q", "greedy r", "greedy s"]


def test_newer_job_of_a_kind_replaces_the_older_one_in_place() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put("one", "image", "old")
    queue.put("two", "image", "other")
    assert queue.put("one", "image", "new") == "old"
    assert len(queue) == 2
    assert order(queue) == ["new", "other"]


def test_removed_job_is_not_taken() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put("one", "image", "a")
    queue.put("one", "video", "b")
    queue.put("two", "image", "c")
    queue.remove("a")
    queue.remove("a")  # no effect the second time
    assert queue.contains("one", "video") and not queue.contains("one", "image")
    queue.remove("c")
    assert len(queue) == 1
    assert order(queue) == ["b"]
    assert queue.take() is None
