"""Middleware that checks host, origin, token and size of every request, and the number of requests of a visitor."""

from __future__ import annotations

import asyncio
import json
import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scgan.studio.addresses import Addresses, split_host, visitor_network
from scgan.studio.visitors import RejectedRequest, Visit, Visitors

FILE_ROUTES = ("/landmarks", "/segment", "/open", "/invert", "/save")
"""Ends of the paths whose bodies are files. All other bodies are JSON."""

MAX_JSON_BYTES = 2**19
MAX_UPLOAD_BYTES = 24 * 2**20
_MAX_BODY_SECONDS = 30.0
_REJECTION_SECONDS = 1.0
_MAX_RESPONSE_SECONDS = 600.0  # clients that do not read their responses are disconnected

_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        b"media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


class Guard:
    """ASGI middleware.

    Other websites must not reach the studio through a visitor's browser. Requests are rejected if their Host is not a
    name of this server (DNS rebinding) or if their Origin differs from it. The whole body is read before the
    application gets the request. Its size and its time are bounded, and so are the requests of one visitor at a time.

    Args:
        app: the application.
        addresses: hosts and origins of this server.
        token: requests to ``/api/`` must send it, in ``Studio-Token`` or as a bearer token; None requires none.
        max_json_bytes: largest body that is not a file. JSON is parsed in the event loop, so it must be small.
    """

    def __init__(
        self, app: ASGIApp, addresses: Addresses, token: str | None, max_json_bytes: int = MAX_JSON_BYTES
    ) -> None:
        self._app = app
        self._addresses = addresses
        self._token = token
        self._max_json_bytes = max_json_bytes
        self._visitors = Visitors()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        visit = self._visitors.visit(
            visitor_network((scope.get("client") or ("",))[0]), headers.get("studio-client", "")
        )
        try:
            with visit:
                self._check_origin(headers)
                self._check_token(scope["path"], headers)
                body = await self._read_body(scope, headers, receive, visit)
                async with asyncio.timeout(_MAX_RESPONSE_SECONDS):
                    await self._app(scope, _replay(body, receive), _with_headers(send))
        except RejectedRequest as rejection:
            if rejection.status == 429:  # an answer at once would be the next request at once
                await asyncio.sleep(_REJECTION_SECONDS)
            await _send_rejection(rejection, send)
        except TimeoutError:
            return  # the connection is closed, because the response is incomplete

    def _check_origin(self, headers: dict[str, str]) -> None:
        host = headers.get("host", "")
        if not self._addresses.has_host(host):
            raise RejectedRequest(403, _unknown_host(headers))
        origin = headers.get("origin")
        if origin is not None and not self._addresses.has_origin(origin, host):
            raise RejectedRequest(403, _unknown_origin(origin))
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate":
            raise RejectedRequest(403, "Requests from other websites are not allowed.")

    def _check_token(self, path: str, headers: dict[str, str]) -> None:
        if self._token is None or not path.startswith("/api/"):
            return
        given = headers.get("studio-token") or headers.get("authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            raise RejectedRequest(
                401, "The token is missing or wrong: open the studio with the full address that it printed."
            )

    async def _read_body(self, scope: Scope, headers: dict[str, str], receive: Receive, visit: Visit) -> bytes:
        is_file = scope["path"].endswith(FILE_ROUTES)
        max_bytes = MAX_UPLOAD_BYTES if is_file else self._max_json_bytes
        declared = headers.get("content-length", "0")
        if not is_file and scope["method"] == "POST" and not _is_json(headers):
            raise RejectedRequest(415, "The body must be JSON, with the header Content-Type: application/json.")
        if declared.isascii() and declared.isdecimal() and int(declared[:20]) > max_bytes:
            raise _too_large(max_bytes)
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(_MAX_BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise RejectedRequest(400, "The client disconnected before the request was complete.")
                    part = message.get("body", b"")
                    if visit.add_bytes(len(part)) > max_bytes:
                        raise _too_large(max_bytes)
                    parts.append(part)
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError as error:
            raise RejectedRequest(
                408, f"The request took longer than {_MAX_BODY_SECONDS:.0f} seconds to arrive."
            ) from error


def _is_json(headers: dict[str, str]) -> bool:
    return headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"


def _too_large(max_bytes: int) -> RejectedRequest:
    return RejectedRequest(413, f"The request is too large: the limit is {max_bytes / 2**20:g} MB.")


def _replay(body: bytes, receive: Receive) -> Receive:
    """Create a ``receive`` that returns the body first and then waits for the connection to close."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *_HEADERS]
        await send(message)

    return send_with_headers


async def _send_rejection(rejection: RejectedRequest, send: Send) -> None:
    body = json.dumps({"error": rejection.sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    # The rest of an unread body would be parsed as the next request.
    headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": rejection.status, "headers": [*headers, *_HEADERS]})
    await send({"type": "http.response.body", "body": body})


def _unknown_host(headers: dict[str, str]) -> str:
    host = headers.get("host", "")
    name, _ = split_host(host)
    if not name:
        return "The request names no valid host: open the studio with the address that it printed."
    scheme = "https" if headers.get("x-forwarded-proto", "").lower() == "https" else "http"
    return (
        f"Unknown host {name[:200]}: open the studio with the address that it printed, or start it with "
        f"--public-url {scheme}://{host[:200]} if that is its own address too."
    )


def _unknown_origin(origin: str) -> str:
    if "://" not in origin:
        return "Requests from other websites are not allowed."
    return (
        f"Requests from {origin[:200]} are not allowed: start the studio with --public-url {origin[:200]} if that is "
        "its own address, for example behind a proxy."
    )
