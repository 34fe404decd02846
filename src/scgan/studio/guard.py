"""What stands before the application: who may ask, from where, and how much they may send."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")

MAX_JSON_BYTES = 2**20
MAX_UPLOAD_BYTES = 24 * 2**20
_SECONDS_TO_SEND = 30.0

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


class Refused(Exception):
    """A request that does not reach the application: its status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Guard:
    """ASGI middleware.

    A page from elsewhere must not use a visitor's browser to reach the studio: requests whose Host is not ours (a
    foreign name that points to this machine) or whose Origin differs from it are refused. The body is read to its end
    before the application sees the request, within bounds of bytes and time.

    Args:
        app: the application.
        hosts: names and addresses by which this server may be called.
        any_address: whether every IP address will do as well: a foreign name cannot turn into one.
        token: if not None, what requests to ``/api/`` must bring as a bearer token.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], any_address: bool, token: str | None) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._any_address = any_address
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            self._require_own_page(headers)
            self._require_token(scope["path"], headers)
            body = await _read_body(headers, receive)
        except Refused as refused:
            await _answer(refused, send)
            return
        await self._app(scope, _replaying(body, receive), _with_headers(send))

    def _require_own_page(self, headers: dict[str, str]) -> None:
        host = headers.get("host", "")
        name = _hostname(host)
        if name not in self._hosts and not (self._any_address and _is_address(name)):
            raise Refused(
                403, f"This studio is not called {name or 'nothing'}: open it by the address that it printed."
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            raise Refused(403, "This studio answers only its own page.")
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate":
            raise Refused(403, "This studio answers only its own page.")

    def _require_token(self, path: str, headers: dict[str, str]) -> None:
        if self._token is None or not path.startswith("/api/"):
            return
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            raise Refused(401, "This studio asks for a token: open it by the whole address that it printed.")


async def _read_body(headers: dict[str, str], receive: Receive) -> bytes:
    json_body = headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    most = MAX_JSON_BYTES if json_body else MAX_UPLOAD_BYTES
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_SECONDS_TO_SEND):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refused(400, "The request broke off.")
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    raise _too_large(most)
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError as error:
        raise Refused(408, f"The request took longer than {_SECONDS_TO_SEND:.0f} seconds to arrive.") from error


def _too_large(most: int) -> Refused:
    return Refused(413, f"This is too large: at most {most / 2**20:g} MB are read.")


def _replaying(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body first, then what else comes: the end of the connection."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *_HEADERS]
        await send(message)

    return send_with_headers


async def _answer(refused: Refused, send: Send) -> None:
    body = json.dumps({"error": refused.sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    # What of the body was not read would be taken for the next request.
    headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refused.status, "headers": [*headers, *_HEADERS]})
    await send({"type": "http.response.body", "body": body})


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
