"""Studio in a process of its own, for the scripts that measure it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple


class Studio(NamedTuple):
    """Running studio: its port, the id of its first model, and its process (0: another one's)."""

    port: int
    model: str
    pid: int = 0


class Visitor:
    """Visitor with one connection.

    Args:
        studio: to send requests to.
        address: of this machine (127.0.0.1, 127.0.0.2 …): visitors are told apart by it.
        name: of the client. A newer request of a kind replaces an older one of the same name.
    """

    def __init__(self, studio: Studio, address: str = "127.0.0.1", name: str | None = None) -> None:
        self._studio, self._address, self._name = studio, address, name
        self._connect()

    def post(self, route: str, body: Any) -> tuple[int, bytes]:
        """Send JSON, or bytes as a file, and return the status and the content."""
        is_file = isinstance(body, bytes)
        headers = {"content-type": "application/octet-stream" if is_file else "application/json"}
        if self._name is not None:
            headers["studio-client"] = self._name
        content = body if is_file else json.dumps(body)
        for attempt in (1, 2):
            try:
                self._connection.request("POST", f"/api/models/{self._studio.model}/{route}", content, headers)
                response = self._connection.getresponse()
                return response.status, response.read()
            except (HTTPException, ConnectionError):  # it was closed while it was idle
                if attempt == 2:
                    raise
                self.close()
                self._connect()
        raise AssertionError

    def examples(self) -> list[dict[str, Any]]:
        """Return the examples of the model."""
        self._connection.request("GET", f"/api/models/{self._studio.model}/examples")
        examples: list[dict[str, Any]] = json.loads(self._connection.getresponse().read())
        return examples

    def close(self) -> None:
        self._connection.close()

    def _connect(self) -> None:
        self._connection = HTTPConnection(
            "127.0.0.1", self._studio.port, timeout=300, source_address=(self._address, 0)
        )


@contextmanager
def running(models: list[str], log: Path) -> Iterator[Studio]:
    """Run ``scgan studio`` until the block ends; its messages go to ``log``."""
    command = [sys.executable, "-m", "scgan", "studio", *models, "--port", "0", "--no-browser"]
    with log.open("w", encoding="utf-8") as messages:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=messages, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        deadline = time.monotonic() + 120
        while True:
            connection = HTTPConnection("127.0.0.1", port, timeout=120)
            try:
                connection.request("GET", "/api/models")
                model = json.loads(connection.getresponse().read())[0]["id"]
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            finally:
                connection.close()
        yield Studio(port, model, process.pid)
    finally:
        process.terminate()
        process.wait()


def memory(pid: int) -> tuple[float, float]:
    """Resident memory in MB: of a process, and of it with all its children."""
    own = _resident(pid)
    children = Path(f"/proc/{pid}/task").glob("*/children")
    pids = [int(child) for file in children for child in file.read_text().split()]
    return own, own + sum(memory(child)[1] for child in pids)


def _resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has just ended
        return 0.0
    return next((float(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)
