"""Socket of the studio. It is opened before anything slow is imported or loaded."""

from __future__ import annotations

import socket

from scgan.utils.errors import UserError


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket with TCP_NODELAY.

    Raises:
        UserError: the port is out of range, or the address cannot be bound.
    """
    if not 0 <= port <= 65535:
        raise UserError(f"--port {port}: ports go from 0 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        server_socket = socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:  # UnicodeError: no name of a host
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(
            f"the studio cannot listen on {host}, port {port} ({reason}): choose another --port, or 0 for any."
        ) from error
    # asyncio sets it only on sockets that it opened itself. Without it small responses are delayed by 40 ms.
    server_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server_socket
