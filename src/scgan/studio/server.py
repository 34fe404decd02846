"""Open the studio: load models, bind a socket, serve until Ctrl-C."""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from threading import Timer

import uvicorn

from scgan.inference.synthesizer import load
from scgan.studio.app import create_app
from scgan.studio.guard import LOOPBACK
from scgan.studio.model import StudioModel
from scgan.utils.errors import UserError
from scgan.utils.progress import say

_MAX_CONNECTIONS = 200


def load_models(paths: Sequence[Path], device: str) -> list[StudioModel]:
    """Open model folders and run folders; each gets its folder's name as a name and, made fit for an address, as an id.

    Raises:
        UserError: one is not a model.
    """
    models: list[StudioModel] = []
    for path in paths:
        name = path.resolve().name or "model"
        base = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "model"
        taken = {model.id for model in models}
        id = next(i for i in (base, *(f"{base}-{n}" for n in range(2, len(paths) + 2))) if i not in taken)
        models.append(StudioModel(id, name, load(path, device)))
    return models


def serve(models: Sequence[StudioModel], host: str, port: int, token: str | None, browser: bool) -> None:
    """Serve the studio until Ctrl-C; prints the address to open.

    Args:
        models: at least one.
        host: address to bind.
        port: 0 takes a free one.
        token: what visitors must bring; None asks for one only where others than this machine can reach the server,
            and makes it up.
        browser: open the page in the browser.

    Raises:
        UserError: the address cannot be bound.
    """
    listening = listen(host, port)
    local = host in LOOPBACK
    if not local:
        token = token or secrets.token_urlsafe(16)
        say(
            f"The studio listens on {host}: everyone who can reach this machine by network and has the token can use "
            "it, and what is sent is not encrypted."
        )
    port = listening.getsockname()[1]
    everywhere = _is_unspecified(host)
    hosts = [*LOOPBACK, *([] if local else [host, socket.gethostname()])]
    app = create_app(models, hosts, any_address=everywhere, token=token)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{socket.gethostname() if everywhere else shown}:{port}/" + (f"#token={token}" if token else "")
    print(f"{address}\nCtrl-C ends the studio.", flush=True)
    if browser:
        # The socket listens already: the browser waits until the server answers.
        Timer(0.5, webbrowser.open, [address]).start()
    config = uvicorn.Config(
        app, log_level="warning", limit_concurrency=_MAX_CONNECTIONS, timeout_graceful_shutdown=2, server_header=False
    )
    uvicorn.Server(config).run([listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; what it accepts sends small answers at once.

    Raises:
        UserError: the port is none, or nobody can listen there.
    """
    if not 0 <= port <= 65535:
        raise UserError(f"--port {port}: ports go from 0 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise UserError(
            f"the studio cannot listen on {host}, port {port} ({error.strerror}): choose another --port, or 0 for any."
        ) from error
    # asyncio sets it only where it opened the socket itself. Without it small answers wait 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _is_unspecified(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
