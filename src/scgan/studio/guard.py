"""Middleware that checks host, origin, token and size of every request."""

from __future__ import annotations

import asyncio
import json
import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scgan.studio.addresses import Addresses, split_host

MAX_JSON_BYTES = 2**20
MAX_UPLOAD_BYTES = 24 * 2**20
_MAX_BODY_SECONDS = 30.0

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


class RejectedRequest(Exception):
    """Request that does not reach the application."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Guard:
    """ASGI middleware.

    Other websites must not reach the studio through a visitor's browser. Requests are rejected if their Host is not a
    name of this server (DNS rebinding) or if their Origin differs from it. The whole body is read before the
    application gets the request. Its size and its time are bounded.

    Args:
        app: the application.
        addresses: hosts and origins of this server.
        token: requests to ``/api/`` must send it, in ``Studio-Token`` or as a bearer token; None requires none.
    """

    def __init__(self, app: ASGIApp, addresses: Addresses, token: str | None) -> None:
        self._app = app
        self._addresses = addresses
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            self._check_origin(headers)
            self._check_token(scope["path"], headers)
            body = await _read_body(headers, receive)
        except RejectedRequest as rejection:
            await _send_rejection(rejection, send)
            return
        await self._app(scope, _replay(body, receive), _with_headers(send))

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


async def _read_body(headers: dict[str, str], receive: Receive) -> bytes:
    is_json = headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    max_bytes = MAX_JSON_BYTES if is_json else MAX_UPLOAD_BYTES
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_MAX_BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RejectedRequest(400, "The client disconnected before the request was complete.")
                part = message.get("body", b"")
                size += len(part)
                if size > max_bytes:
                    raise _too_large(max_bytes)
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError as error:
        raise RejectedRequest(
            408, f"The request took longer than {_MAX_BODY_SECONDS:.0f} seconds to arrive."
        ) from error


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
