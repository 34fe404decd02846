"""Idle connections, and too many of them."""

import socket
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from running_studio import Studio

from patience import MAX_SECONDS
from scgan.studio import connections


@pytest.fixture(scope="module")
def studio(figure_model: Path) -> Studio:
    return Studio([figure_model])


def answers(studio: Studio) -> bool:
    connection = HTTPConnection("127.0.0.1", studio.port, timeout=MAX_SECONDS)
    connection.request("GET", "/api/models")
    status = connection.getresponse().status
    connection.close()
    return status == 200


def is_closed(client: socket.socket) -> bool:
    """Wait until the server has closed the connection; answers are skipped."""
    client.settimeout(MAX_SECONDS)
    with suppress(ConnectionError):
        while client.recv(2**16):
            pass
    return True


def test_silent_connections_are_closed(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_IDLE_SECONDS", 0.3)
    studio.start()
    try:
        with socket.create_connection(("127.0.0.1", studio.port)) as silent:
            assert is_closed(silent)
        with socket.create_connection(("127.0.0.1", studio.port)) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: local")
            assert is_closed(slow)
        with socket.create_connection(("127.0.0.1", studio.port)) as again:  # after a first request
            again.sendall(b"GET /api/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
            again.settimeout(MAX_SECONDS)
            assert again.recv(100).startswith(b"HTTP/1.1 200")
            again.sendall(b"GET")
            while again.recv(2**16):
                pass
    finally:
        studio.stop()


def test_idle_connections_make_room_for_new_ones(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 5)
    studio.start()
    idle = [socket.create_connection(("127.0.0.1", studio.port)) for _ in range(12)]
    try:
        assert answers(studio)
        assert is_closed(idle[0])
    finally:
        for client in idle:
            client.close()
        studio.stop()


def test_invalid_chunks_are_answered_once(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    studio.start()
    head = b"POST /api/models/figures/mask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    try:
        for body in (b"zz\r\n", b"2\r\n{}\r\nxx\r\n", b'{"segmentation": 1}\r\n'):
            with socket.create_connection(("127.0.0.1", studio.port), timeout=MAX_SECONDS) as client:
                client.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + body)
                received = b""
                while part := client.recv(2**16):
                    received += part
            assert received.startswith(b"HTTP/1.1 400") and received.count(b"HTTP/1.1") == 1
        assert answers(studio)
    finally:
        studio.stop()
    assert "Traceback" not in caplog.text and "LocalProtocolError" not in caplog.text
