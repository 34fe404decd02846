"""Studio in a thread, on a real socket."""

import socket
from pathlib import Path
from threading import Thread
from weakref import finalize

from scgan.inversion.invert import InversionSettings
from scgan.studio.addresses import LOOPBACK, Addresses
from scgan.studio.app import create_app
from scgan.studio.server import Server, load_models, server_config
from scgan.studio.workers import Workers


class Studio:
    """Studio that can be stopped and started again on the same port.

    Args:
        models: model folders.
        token: required of clients.
        page_folder: another page than the studio's own.
    """

    def __init__(self, models: list[Path], token: str | None = None, page_folder: Path | None = None) -> None:
        self.models = load_models(models, "cpu")
        self.token, self.page_folder = token, page_folder
        # A socket that is bound, but does not listen, keeps the port for this studio while it is stopped.
        reservation = socket.socket()
        finalize(self, reservation.close)
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind(("127.0.0.1", 0))
        self.port = reservation.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        workers = Workers()
        app = create_app(
            self.models,
            Addresses(LOOPBACK),
            token=self.token,
            page_folder=self.page_folder,
            workers=workers,
            inversion=InversionSettings(steps=4, correction_steps=2, candidates=2),
        )
        server_socket = socket.create_server(("127.0.0.1", self.port))
        self._server = Server(server_config(app), workers)
        self._thread = Thread(target=self._server.run, args=([server_socket],))
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
