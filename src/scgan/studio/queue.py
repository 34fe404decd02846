"""Fair queue: visitors take turns, and a newer job of a client replaces its older one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

Job = TypeVar("Job", bound=Hashable)


class ClientId(NamedTuple):
    """Client in the queue.

    Attributes:
        address: network address of the visitor.
        name: name that the client gives itself; several pages of one visitor have different names.
    """

    address: str
    name: str


class FairQueue(Generic[Job]):
    """Jobs by client and kind. At most one job of each kind waits for each client.

    Addresses take turns, one job at a time, whatever their number of requests or of names. So do the clients of one
    address. Among the kinds of one client, the job that has waited longest comes first.
    """

    def __init__(self) -> None:
        self._addresses: OrderedDict[str, OrderedDict[str, OrderedDict[str, Job]]] = OrderedDict()
        self._keys: dict[Job, tuple[ClientId, str]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def jobs(self) -> list[Job]:
        """Return all jobs, in no particular order."""
        return list(self._keys)

    def put(self, client: ClientId, kind: str, job: Job) -> Job | None:
        """Add a job, and return the job that it replaces, if any."""
        clients = self._addresses.setdefault(client.address, OrderedDict())
        kinds = clients.setdefault(client.name, OrderedDict())
        replaced = kinds.get(kind)
        if replaced is not None:
            del self._keys[replaced]
        kinds[kind] = job
        self._keys[job] = client, kind
        return replaced

    def take(self) -> Job | None:
        """Remove and return the next job, or None if the queue is empty."""
        if not self._addresses:
            return None
        address, clients = self._addresses.popitem(last=False)
        name, kinds = clients.popitem(last=False)
        _, job = kinds.popitem(last=False)
        if kinds:
            clients[name] = kinds
        if clients:
            self._addresses[address] = clients
        del self._keys[job]
        return job

    def contains(self, client: ClientId, kind: str) -> bool:
        """Return True if a job of this kind waits for the client."""
        clients = self._addresses.get(client.address)
        return clients is not None and kind in clients.get(client.name, ())

    def remove(self, job: Job) -> None:
        """Remove a job, if it is in the queue."""
        key = self._keys.pop(job, None)
        if key is None:
            return
        client, kind = key
        clients = self._addresses[client.address]
        del clients[client.name][kind]
        if not clients[client.name]:
            del clients[client.name]
        if not clients:
            del self._addresses[client.address]

    def make_room(self, client: ClientId) -> Job | None:
        """Remove and return the newest job of the busiest client, unless the given client is at least as busy."""
        if not self._addresses:
            return None
        counts = {address: sum(map(len, clients.values())) for address, clients in self._addresses.items()}
        address = max(counts, key=counts.__getitem__)
        clients = self._addresses[address]
        name = max(clients, key=lambda name: len(clients[name]))
        if client.address == address:
            own, busiest = len(clients.get(client.name, ())), len(clients[name])
        else:
            own, busiest = counts.get(client.address, 0), counts[address]
        if own + 1 >= busiest:
            return None
        job = next(reversed(clients[name].values()))
        self.remove(job)
        return job
