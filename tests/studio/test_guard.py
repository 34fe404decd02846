"""Hosts, origins, tokens and sizes of requests."""

import asyncio
import json

import pytest
from starlette.types import Message, Receive, Scope, Send

from scgan.studio import guard
from scgan.studio.addresses import LOOPBACK, Addresses
from scgan.studio.guard import MAX_JSON_BYTES, Guard

JSON = (b"content-type", b"application/json")
OWN = Addresses(LOOPBACK)


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond with the length of the body."""
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def ask(
    headers: list[tuple[bytes, bytes]],
    parts: list[bytes] | None = None,
    path: str = "/api/models",
    addresses: Addresses = OWN,
    token: str | None = None,
    complete: bool = True,
) -> tuple[int, bytes, dict[bytes, bytes]]:
    """Send one request as ASGI messages, so that the test controls every header."""
    remaining = list(parts or [b""])
    sent: list[Message] = []

    async def receive() -> Message:
        if not remaining:
            await asyncio.sleep(60)
        part = remaining.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(remaining) or not complete}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST" if parts else "GET", "path": path, "headers": headers}
    asyncio.run(Guard(_echo, addresses, token)(scope, receive, send))
    return sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])


@pytest.mark.parametrize("host", [b"localhost:8765", b"127.0.0.1:8765", b"[::1]:8765", b"LOCALHOST"])
def test_own_hosts_are_accepted(host: bytes) -> None:
    status, body, headers = ask([(b"host", host)])
    assert (status, body) == (200, b"0")
    assert b"default-src 'none'" in headers[b"content-security-policy"]


@pytest.mark.parametrize(
    "host", [b"evil.example", b"localhost.evil.example", b"192.168.1.5", b"", b"[::1", b"localhost@evil.example"]
)
def test_other_hosts_are_rejected(host: bytes) -> None:
    status, body, _ = ask([(b"host", host)])
    assert status == 403
    assert json.loads(body)["error"].endswith(".")


def test_any_address_accepts_addresses_and_no_other_names() -> None:
    assert ask([(b"host", b"192.168.1.5:8765")], addresses=Addresses(LOOPBACK, any_ip=True))[0] == 200
    assert ask([(b"host", b"evil.example")], addresses=Addresses(LOOPBACK, any_ip=True))[0] == 403


@pytest.mark.parametrize(
    "origin", [b"http://evil.example", b"http://localhost:1", b"null", b"https://evil.example:8765"]
)
def test_other_origins_are_rejected(origin: bytes) -> None:
    assert ask([(b"host", b"localhost:8765"), (b"origin", origin)])[0] == 403


def test_own_origin_is_accepted_and_other_sites_are_rejected() -> None:
    host = (b"host", b"localhost:8765")
    assert ask([host, (b"origin", b"http://localhost:8765")])[0] == 200
    for site in (b"cross-site", b"same-site"):
        assert ask([host, (b"sec-fetch-site", site), (b"sec-fetch-mode", b"no-cors")])[0] == 403
    assert ask([host, (b"sec-fetch-site", b"cross-site"), (b"sec-fetch-mode", b"navigate")])[0] == 200  # a link


def test_token_protects_the_api_and_not_the_page() -> None:
    host = (b"host", b"localhost")
    assert ask([host], token="secret")[0] == 401
    assert ask([host, (b"authorization", b"Bearer wrong")], token="secret")[0] == 401
    assert ask([host, (b"authorization", b"Bearer secret")], token="secret")[0] == 200
    assert ask([host, (b"studio-token", b"secret"), (b"authorization", b"Basic x")], token="secret")[0] == 200
    assert ask([host, (b"studio-token", b"\xff")], token="secret")[0] == 401
    assert ask([host], token="secret", path="/")[0] == 200


def test_body_size_is_bounded_with_and_without_content_length() -> None:
    host = (b"host", b"localhost")
    declared = ask([host, JSON, (b"content-length", str(MAX_JSON_BYTES + 1).encode())], [b"{}"])
    assert declared[0] == 413
    assert declared[2][b"connection"] == b"close"
    half = b" " * (MAX_JSON_BYTES // 2 + 1)
    assert ask([host, JSON], [half, half])[0] == 413
    assert ask([host, JSON], [half])[:2] == (200, str(len(half)).encode())
    assert ask([host, (b"content-type", b"image/png")], [half, half], path="/api/models/faces/open")[0] == 200
    # Another content type does not lift the limit of JSON, and JSON in a file route is a file.
    assert ask([host, (b"content-type", b"image/png")], [half, half])[0] == 415
    assert ask([host, JSON], [half, half], path="/api/models/faces/open")[0] == 200
    for length in (b"9" * 5000, b"-1", b"\xb2"):
        assert ask([host, JSON, (b"content-length", length)], [b"{}"])[0] in (200, 413)


def test_incomplete_body_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_MAX_BODY_SECONDS", 0.05)
    status, body, _ = ask([(b"host", b"localhost"), JSON], [b"{"], complete=False)
    assert status == 408
    assert "longer" in json.loads(body)["error"]


def test_refusals_say_what_to_set() -> None:
    _, body, _ = ask([(b"host", b"studio.example.org:8080")])
    assert "--public-url http://studio.example.org:8080 if" in json.loads(body)["error"]
    _, body, _ = ask([(b"host", b"studio.example.org"), (b"x-forwarded-proto", b"https")])
    assert "--public-url https://studio.example.org if" in json.loads(body)["error"]
    _, body, _ = ask([(b"host", b"localhost:8765"), (b"origin", b"https://studio.example.org")])
    assert "--public-url https://studio.example.org if" in json.loads(body)["error"]


@pytest.mark.parametrize(
    "headers",
    [
        [(b"host", b"studio.example.org"), (b"origin", b"https://studio.example.org")],  # Caddy
        [(b"host", b"localhost:8765"), (b"origin", b"https://studio.example.org")],  # nginx without settings
        [(b"host", b"studio.example.org:443"), (b"origin", b"https://studio.example.org")],
        [(b"host", b"localhost:9000"), (b"origin", b"http://localhost:9000")],  # a forwarded port
    ],
)
def test_public_address_is_accepted(headers: list[tuple[bytes, bytes]]) -> None:
    addresses = Addresses(LOOPBACK, ["https://studio.example.org/"])
    assert ask(headers, addresses=addresses)[0] == 200
    assert ask([headers[0], (b"origin", b"https://evil.example")], addresses=addresses)[0] == 403


@pytest.mark.parametrize("origin", [b"http://[", b"http://localhost:x", b"://", b"http://a:99999999", b"\xff\xfe", b""])
def test_invalid_origins_are_rejected_with_a_sentence(origin: bytes) -> None:
    status, body, _ = ask([(b"host", b"localhost"), (b"origin", origin)])
    assert status == 403 and json.loads(body)["error"].endswith(".")
