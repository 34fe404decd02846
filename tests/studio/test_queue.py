"""Whose turn it is."""

from scgan.studio.queue import FairQueue


def order(queue: FairQueue[str]) -> list[str]:
    taken = []
    while (job := queue.take()) is not None:
        taken.append(job)
    return taken


def test_clients_take_turns_whatever_their_number_of_requests() -> None:
    queue: FairQueue[str] = FairQueue()
    for kind in "pqrs":
        queue.put("greedy", kind, f"greedy {kind}")
    queue.put("modest", "p", "modest p")
    queue.put("late", "p", "late p")
    assert order(queue) == ["greedy p", "modest p", "late p", "greedy q", "greedy r", "greedy s"]


def test_the_newest_of_a_kind_takes_the_place_of_the_older_in_the_line() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put("one", "picture", "old")
    queue.put("two", "picture", "other")
    assert queue.put("one", "picture", "new") == "old"
    assert len(queue) == 2
    assert order(queue) == ["new", "other"]


def test_a_job_that_is_not_wanted_any_more_is_forgotten() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put("one", "picture", "a")
    queue.put("one", "film", "b")
    queue.put("two", "picture", "c")
    queue.remove("a")
    queue.remove("a")  # a second time does nothing
    assert queue.holds("one", "film") and not queue.holds("one", "picture")
    queue.remove("c")
    assert len(queue) == 1
    assert order(queue) == ["b"]
    assert queue.take() is None
