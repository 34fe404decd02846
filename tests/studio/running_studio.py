"""A studio in a thread of its own, on a real socket."""

import socket
from pathlib import Path
from threading import Thread

import uvicorn

from scgan.studio.app import create_app
from scgan.studio.guard import LOOPBACK
from scgan.studio.server import load_models


class Studio:
    """A running studio, on a port that stays the same when it is stopped and started again."""

    def __init__(self, models: list[Path], token: str | None = None) -> None:
        self.models = load_models(models, "cpu")
        self.token = token
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        app = create_app(self.models, LOOPBACK, token=self.token)
        listening = socket.create_server(("127.0.0.1", self.port))
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([listening],))
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
