"""Start the studio: load models, serve until Ctrl-C."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import secrets
import socket
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from threading import Thread, Timer
from urllib.parse import quote

import uvicorn
from starlette.types import ASGIApp

from scgan.engines.names import AUTO
from scgan.faces.detector import DetectorName
from scgan.inference.synthesizer import load, require_trained
from scgan.studio.addresses import LOOPBACK, Addresses
from scgan.studio.app import create_app
from scgan.studio.connections import Connection
from scgan.studio.model import StudioModel
from scgan.studio.workers import Workers
from scgan.utils.progress import say


def load_models(paths: Sequence[Path], device: str, engine: str = AUTO) -> list[StudioModel]:
    """Load model folders and run folders.

    The name of a model is the name of its folder. Its id is the name with letters, digits, ``_`` and ``-`` only, and a
    number if the id is taken.

    Raises:
        UserError: a folder holds no model; device or engine cannot be used.
    """
    models: list[StudioModel] = []
    for path in paths:
        name = path.resolve().name or "model"
        base = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "model"
        taken_ids = {model.id for model in models}
        id = next(i for i in (base, *(f"{base}-{n}" for n in range(2, len(paths) + 2))) if i not in taken_ids)
        say(f"loading the model {path} …")
        synthesizer = load(path, device, engine)
        require_trained(synthesizer, path)
        models.append(StudioModel(id, name, synthesizer))
    return models


def serve(
    models: Sequence[StudioModel],
    server_socket: socket.socket,
    host: str,
    *,
    public_urls: Sequence[str] = (),
    token: str | None = None,
    browser: bool = False,
    detector: DetectorName = "auto",
) -> None:
    """Print the addresses to open, and serve the studio until Ctrl-C.

    Args:
        models: at least one.
        server_socket: listens.
        host: its address, as the user wrote it.
        public_urls: further addresses by which people open the studio, for example of a proxy, as
            ``parse_public_url`` returns them.
        token: clients must send it; None generates one if other machines can reach the server, and requires none
            otherwise.
        browser: open the page in the browser.
        detector: finds the landmarks in photos.
    """
    local = host in LOOPBACK
    if not local or public_urls:
        token = token or secrets.token_urlsafe(16)
    if not local:
        say(
            f"The studio listens on {host}: everyone who can reach this machine by network and has the token can use "
            "it. The connection is not encrypted."
        )
    addresses = Addresses(
        [*LOOPBACK, *([] if local else [host, socket.gethostname()])], public_urls, any_ip=_is_unspecified(host)
    )
    workers = Workers(detector)
    app = create_app(models, addresses, token=token, workers=workers)
    own_url = _own_url(host, server_socket.getsockname()[1])
    fragment = f"#token={quote(token, safe='')}" if token else ""
    shown = [f"{url}{fragment}" for url in (public_urls or [own_url])]
    print(*shown, "Ctrl-C stops the studio.", sep="\n", flush=True)
    if browser:
        # The socket is listening, so an early browser waits for the server.
        Timer(0.5, webbrowser.open, [f"{own_url}{fragment}"]).start()
    detect = any(model.schema.landmarks for model in models)
    Thread(target=workers.files.prepare, args=(detect,), daemon=True).start()
    # Without a proxy, X-Forwarded-For would let one visitor pass as many.
    Server(server_config(app, proxy_headers=bool(public_urls)), workers).run([server_socket])


def server_config(app: ASGIApp, proxy_headers: bool = False) -> uvicorn.Config:
    """Configure uvicorn.

    Args:
        app: the application.
        proxy_headers: believe a proxy on this machine which visitor sends a request.
    """
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        log_level="error",  # warnings are about invalid requests, with which a visitor could fill the terminal
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=proxy_headers,
    )


class Server(uvicorn.Server):
    """Server that ends open responses when it is stopped."""

    def __init__(self, config: uvicorn.Config, workers: Workers) -> None:
        super().__init__(config)
        self._workers = workers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop. Requests that are not complete yet are cancelled, for which uvicorn would print a traceback each."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await asyncio.to_thread(self._workers.close)
        await super().shutdown(sockets)
        # Connections with a request that outlasted the grace period: uvicorn leaves their sockets open.
        while connections := list(self.server_state.connections):
            for connection in connections:
                connection.transport.abort()
            await asyncio.sleep(0)


def _own_url(host: str, port: int) -> str:
    if _is_unspecified(host):
        return f"http://{socket.gethostname()}:{port}/"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _is_unspecified(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
