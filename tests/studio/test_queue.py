"""Order of jobs in the fair queue."""

from scgan.studio.queue import ClientId, FairQueue


def client(name: str, address: str = "") -> ClientId:
    """Client that is alone at its address, unless one is named."""
    return ClientId(address or name, name)


def order(queue: FairQueue[str]) -> list[str]:
    taken = []
    while (job := queue.take()) is not None:
        taken.append(job)
    return taken


def test_clients_take_turns() -> None:
    queue: FairQueue[str] = FairQueue()
    for kind in "pqrs":
        queue.put(client("greedy"), kind, f"greedy {kind}")
    queue.put(client("modest"), "p", "modest p")
    queue.put(client("late"), "p", "late p")
    assert order(queue) == ["greedy p", "modest p", "late p", "greedy q", "greedy r", "greedy s"]


def test_newer_job_of_a_kind_replaces_the_older_one_in_place() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put(client("one"), "image", "old")
    queue.put(client("two"), "image", "other")
    assert queue.put(client("one"), "image", "new") == "old"
    assert len(queue) == 2
    assert order(queue) == ["new", "other"]


def test_removed_job_is_not_taken() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put(client("one"), "image", "a")
    queue.put(client("one"), "video", "b")
    queue.put(client("two"), "image", "c")
    queue.remove("a")
    queue.remove("a")  # no effect the second time
    assert queue.contains(client("one"), "video") and not queue.contains(client("one"), "image")
    queue.remove("c")
    assert len(queue) == 1
    assert order(queue) == ["b"]
    assert queue.take() is None


def test_addresses_take_turns_whatever_their_number_of_names() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(3):
        queue.put(client(f"name{number}", "flood"), "image", f"flood{number}")
    queue.put(client("quiet"), "image", "quiet0")
    queue.put(client("quiet"), "images", "quiet1")
    assert order(queue) == ["flood0", "quiet0", "flood1", "quiet1", "flood2"]


def test_busiest_client_makes_room() -> None:
    queue: FairQueue[str] = FairQueue()
    assert queue.make_room(client("quiet")) is None
    for number in range(4):
        queue.put(client("", "flood"), f"image {number}", f"flood{number}")
    queue.put(client("page", "flood"), "image", "page")
    assert queue.make_room(client("", "flood")) is None
    assert queue.make_room(client("page", "flood")) == "flood3"  # another page at the same address
    assert queue.make_room(client("quiet")) == "flood2"
    assert order(queue) == ["flood0", "page", "flood1"]
