"""Whose turn it is: clients take turns, and a client's newer request takes the place of its older one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Job = TypeVar("Job", bound=Hashable)


class FairQueue(Generic[Job]):
    """Jobs by client and kind: one of each kind waits for each client.

    Clients are served in turn, one job at a time, whatever their number of requests; among one client's kinds the one
    that waits longest comes first.
    """

    def __init__(self) -> None:
        self._clients: OrderedDict[str, OrderedDict[str, Job]] = OrderedDict()
        self._places: dict[Job, tuple[str, str]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def put(self, client: str, kind: str, job: Job) -> Job | None:
        """Let a job wait; returns the one that it replaces, if there was one."""
        kinds = self._clients.setdefault(client, OrderedDict())
        replaced = kinds.get(kind)
        if replaced is not None:
            del self._places[replaced]
        kinds[kind] = job
        self._places[job] = client, kind
        return replaced

    def take(self) -> Job | None:
        """The next job, or None when nobody waits."""
        if not self._clients:
            return None
        client, kinds = self._clients.popitem(last=False)
        _, job = kinds.popitem(last=False)
        if kinds:
            self._clients[client] = kinds
        del self._places[job]
        return job

    def holds(self, client: str, kind: str) -> bool:
        """Whether a job of this kind waits for the client."""
        return kind in self._clients.get(client, ())

    def remove(self, job: Job) -> None:
        """Forget a job; nothing happens when it does not wait."""
        place = self._places.pop(job, None)
        if place is None:
            return
        client, kind = place
        del self._clients[client][kind]
        if not self._clients[client]:
            del self._clients[client]
