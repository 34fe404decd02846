"""HTTP connections that are closed when they are idle, or when others need their place."""

from __future__ import annotations

import asyncio
from collections import Counter
from time import monotonic

from uvicorn.protocols.http.h11_impl import H11Protocol

from scgan.studio.addresses import visitor_network

MAX_CONNECTIONS = 256
MAX_IDLE_SECONDS = 10.0
"""Time in which the header of a request must arrive."""


class Connection(H11Protocol):
    """Connection of uvicorn that does not wait for ever.

    A connection without a request for ``MAX_IDLE_SECONDS`` is closed. If there are too many connections, one of the
    address with the most of them is closed: the one that has been idle longest, or else the newest.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self.idle_since = monotonic()
        self._await_request()
        if len(self.connections) > MAX_CONNECTIONS:
            _close_one([connection for connection in self.connections if isinstance(connection, Connection)])

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.is_idle:
            self._await_request()
        else:
            self._stop_timer()

    def on_response_complete(self) -> None:
        self.idle_since = monotonic()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer invalid HTTP. If it is in the body of a request, that request gets no other answer."""
        if not self.is_idle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        super().send_400_response(msg)

    @property
    def is_idle(self) -> bool:
        """True while no request is under way."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def address(self) -> str:
        """Network address of the visitor, or of a proxy."""
        return visitor_network(self.client[0]) if self.client else ""

    def _await_request(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(MAX_IDLE_SECONDS, self._close_if_idle)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close_if_idle(self) -> None:
        self._timer = None
        if self.is_idle:
            self.transport.close()


def _close_one(connections: list[Connection]) -> None:
    counts = Counter(connection.address for connection in connections)
    address = max(counts, key=counts.__getitem__)
    own = [connection for connection in connections if connection.address == address]
    idle = [connection for connection in own if connection.is_idle]
    if idle:
        min(idle, key=lambda connection: connection.idle_since).transport.abort()
    else:
        max(own, key=lambda connection: connection.idle_since).transport.abort()
