"""Fair queue: clients take turns, and a newer job of a client replaces its older one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Job = TypeVar("Job", bound=Hashable)


class FairQueue(Generic[Job]):
    """Jobs by client and kind. At most one job of each kind waits for each client.

    Clients take turns, one job at a time, whatever their number of requests. Among the kinds of one client, the job
    that has waited longest comes first.
    """

    def __init__(self) -> None:
        self._clients: OrderedDict[str, OrderedDict[str, Job]] = OrderedDict()
        self._keys: dict[Job, tuple[str, str]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, client: str, kind: str, job: Job) -> Job | None:
        """Add a job, and return the job that it replaces, if any."""
        kinds = self._clients.setdefault(client, OrderedDict())
        replaced = kinds.get(kind)
        if replaced is not None:
            del self._keys[replaced]
        kinds[kind] = job
        self._keys[job] = client, kind
        return replaced

    def take(self) -> Job | None:
        """Remove and return the next job, or None if the queue is empty."""
        if not self._clients:
            return None
        client, kinds = self._clients.popitem(last=False)
        _, job = kinds.popitem(last=False)
        if kinds:
            self._clients[client] = kinds
        del self._keys[job]
        return job

    def contains(self, client: str, kind: str) -> bool:
        """Return True if a job of this kind waits for the client."""
        return kind in self._clients.get(client, ())

    def remove(self, job: Job) -> None:
        """Remove a job, if it is in the queue."""
        key = self._keys.pop(job, None)
        if key is None:
            return
        client, kind = key
        del self._clients[client][kind]
        if not self._clients[client]:
            del self._clients[client]
