"""Requests and bytes that each visitor has under way, and their bounds."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import TypeVar

Key = TypeVar("Key")

MAX_CLIENT_REQUESTS = 24
"""Requests of one client at a time. A page sends one of each kind."""
MAX_ADDRESS_REQUESTS = 96
"""Requests of one address at a time: several pages, or several people behind one router."""
MAX_ADDRESS_BYTES = 64 * 2**20
"""Bytes of all bodies of one address."""
MAX_BYTES = 192 * 2**20
"""Bytes of all bodies."""


class RejectedRequest(Exception):
    """Request that does not reach the application."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Visitors:
    """Counters of all visitors. Must be used in one thread."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, ...]] = Counter()
        self.bytes: Counter[str] = Counter()

    def visit(self, address: str, client: str) -> Visit:
        """Create the visit of one request."""
        return Visit(self, address, client[:64])


class Visit:
    """One request. It is counted while its context is entered.

    Raises:
        RejectedRequest: the visitor has too many requests or bytes under way.
    """

    def __init__(self, visitors: Visitors, address: str, client: str) -> None:
        self._visitors = visitors
        self._address = address
        self._keys: tuple[tuple[str, ...], ...] = (address,), (address, client)
        self._bytes = 0

    def __enter__(self) -> Visit:
        requests = self._visitors.requests
        for key, limit in zip(self._keys, (MAX_ADDRESS_REQUESTS, MAX_CLIENT_REQUESTS), strict=True):
            if requests[key] >= limit:
                raise RejectedRequest(429, f"More than {limit} requests at once: wait until earlier ones are answered.")
        requests.update(self._keys)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _subtract(self._visitors.requests, self._keys[0], 1)
        _subtract(self._visitors.requests, self._keys[1], 1)
        _subtract(self._visitors.bytes, self._address, self._bytes)

    def add_bytes(self, count: int) -> int:
        """Count bytes of the body, and return the bytes of this request so far."""
        self._bytes += count
        self._visitors.bytes[self._address] += count
        if self._visitors.bytes[self._address] > MAX_ADDRESS_BYTES:
            raise RejectedRequest(429, "Too many files at once: wait until earlier ones are read.")
        if self._visitors.bytes.total() > MAX_BYTES:
            raise RejectedRequest(503, "The studio is too busy: try again in a moment.")
        return self._bytes


def _subtract(counter: Counter[Key], key: Key, count: int) -> None:
    """Subtract, and forget visitors that have left."""
    counter[key] -= count
    if counter[key] <= 0:
        del counter[key]
