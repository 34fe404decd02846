"""Hostile requests to the studio: no answer of 5xx, no lost connection, no traceback.

    python tools/studio_fuzz.py                            # 2,000 fuzzed and 600 mutated requests to the model faces
    python tools/studio_fuzz.py --fuzzed 200 --mutated 60 --seed 1

A fuzzed request has random parts: method, path, headers, body. A mutated request is a valid one with one change: a
value, a field, a header, bytes of a file. The seed determines all of them.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import socket
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from studio_process import Studio, Visitor, running

METHODS = ("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "BREW")
POSTS = ("image", "images", "rasterize", "landmarks", "segment", "animation", "video", "mask", "manifest", "open")
FILES = ("landmarks", "segment", "open")
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0.5, 2**53, -(2**63), 1e308, float("inf"), float("nan"), "", "\ud800", "\0", "a" * 3000),
    *([], {}, [[]] * 100, {"seed": -1}, {"seed": 2**53}, {"": 1}, "../../etc/passwd", "=" * 64, "💥", "-0", "1e999"),
)
ODD_HEADERS = (
    *(b"Origin: http://[", b"Origin: null", b"Origin: \xff", b"Host: evil.example", b"Host: [", b"Host: localhost:x"),
    *(b"Content-Length: -1", b"Content-Length: 99999999999", b"Transfer-Encoding: chunked", b"Transfer-Encoding: x"),
    *(b"Content-Type: text/plain", b"Content-Type: multipart/form-data; boundary=x", b"Content-Type: \xff"),
    *(b"Content-Encoding: gzip", b"Expect: 100-continue", b"Upgrade: websocket\r\nConnection: Upgrade", b"Range: x"),
    *(
        b"Studio-Client: \xff\xfe",
        b"Studio-Client: " + b"x" * 300,
        b"X-Forwarded-For: 1.2.3.4, \xff",
        b"Cookie: a=\x01",
    ),
    *(b"Accept: ;q=x", b"If-None-Match: *", b"Authorization: Bearer \xff", b"Sec-Fetch-Site: cross-site"),
)
UNFINISHED = {b"Content-Length: 99999999999", b"Transfer-Encoding: chunked"}
"""Headers of a body that goes on."""
ODD_PATHS = (
    *("/", "//", "/..", "/%00", "/%ff", "/api", "/api/models/", "/api/models/%2e%2e/image", "/api/openapi.json", "*"),
    *("/main.js?x=%", "/api/models/faces", "/api/models//image", "/api/models/" + "a" * 3000 + "/image", "/\x7f"),
)
_SECONDS = 120.0


class HttpRequest(NamedTuple):
    """Request as it is sent, so that it may be invalid."""

    method: str
    path: str
    headers: list[bytes]
    body: bytes

    def encode(self) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1".encode(), *self.headers, b"Connection: close", b"", self.body]
        return b"\r\n".join(lines)


def valid_requests(studio: Studio) -> list[HttpRequest]:
    """One valid request for each route that takes a body."""
    visitor = Visitor(studio)
    example = visitor.examples()[0]
    visitor.close()
    spec = {**example, "latent": {"seed": 7}}
    mask = {"segmentation": example["segmentation"]}
    animation = {"start": spec, "end": {**spec, "latent": {"seed_a": 1, "seed_b": 2, "t": 0.5}}, "frames": 2}
    bodies: dict[str, Any] = {
        "image": spec,
        "images": {**mask, "appearances": [{"attributes": example["attributes"], "latent": {"seed": 1}}]},
        "rasterize": {"landmarks": example["landmarks"] or [[0.5, 0.5]] * 68, "mirror": True, "align": True},
        "animation": animation,
        "video": {**animation, "container": "gif"},
        "mask": mask,
        "manifest": spec,
    }
    requests = [_post(studio, route, json.dumps(body).encode()) for route, body in bodies.items()]
    for route, file_format in (("landmarks", "JPEG"), ("segment", "PNG"), ("segment", "GIF"), ("open", "PNG")):
        file = BytesIO()
        Image.new("L" if route == "open" else "RGB", (40, 40)).save(file, file_format)
        requests.append(_post(studio, route, file.getvalue()))
    return requests


def _post(studio: Studio, route: str, body: bytes) -> HttpRequest:
    kind = b"application/octet-stream" if route in FILES else b"application/json"
    headers = [b"Host: localhost", b"Content-Type: " + kind, b"Content-Length: " + str(len(body)).encode()]
    return HttpRequest("POST", f"/api/models/{studio.model}/{route}", headers, body)


def mutate(request: HttpRequest, rng: random.Random) -> HttpRequest:
    """Change one thing of a request."""
    kind = rng.choice(("body", "body", "body", "header", "path"))
    if kind == "header":
        return request._replace(headers=[*request.headers, rng.choice(ODD_HEADERS)])
    if kind == "path":
        return request._replace(path=request.path + rng.choice(("/", "?left=nan&top=0&side=1", "?left=9", "%00", "/x")))
    if request.path.rpartition("/")[2] in FILES:
        return _with_body(request, _mutate_bytes(request.body, rng))
    content = json.loads(request.body)
    _mutate_value(content, rng)
    return _with_body(request, json.dumps(content).encode())


def _with_body(request: HttpRequest, body: bytes) -> HttpRequest:
    length = b"Content-Length: " + str(len(body)).encode()
    return request._replace(headers=[*request.headers[:2], length], body=body)


def _mutate_bytes(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 5, 50))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed[: rng.choice((len(changed), len(changed), rng.randrange(len(changed))))])


def _mutate_value(content: Any, rng: random.Random) -> None:
    """Replace, remove or add a value at a random depth of a JSON object."""
    while True:
        keys = list(content) if isinstance(content, dict) else list(range(len(content)))
        key = rng.choice(keys)
        if isinstance(content[key], dict | list) and content[key] and rng.random() < 0.7:
            content = content[key]
            continue
        change = rng.choice(("replace", "replace", "replace", "remove", "add"))
        if change == "replace":
            content[key] = copy.deepcopy(rng.choice(ODD_VALUES))
        elif change == "remove":
            del content[key]
        elif isinstance(content, dict):
            content[rng.choice(("x", "", "__proto__", "seed", "landmarks"))] = copy.deepcopy(rng.choice(ODD_VALUES))
        else:
            content.append(copy.deepcopy(rng.choice(ODD_VALUES)))
        return


def fuzz(studio: Studio, rng: random.Random) -> HttpRequest:
    """Make a request of random parts."""
    model = rng.choice((studio.model, studio.model, "x", "%2e%2e"))
    path = rng.choice((*ODD_PATHS, *(f"/api/models/{model}/{route}" for route in POSTS * 3)))
    body = rng.choice(
        (
            b"",
            rng.randbytes(rng.randrange(300)),
            json.dumps(rng.choice(ODD_VALUES)).encode(),
            json.dumps({rng.choice(("segmentation", "start", "landmarks")): rng.choice(ODD_VALUES)}).encode(),
            b"[" * rng.choice((10, 50_000)),
            b'{"a":' * 5000,
            b"\x89PNG\r\n\x1a\n" + rng.randbytes(50),
            b"\xff\xd8\xff" + rng.randbytes(50),
            b"GIF89a" + rng.randbytes(50),
        )
    )
    headers = [b"Host: localhost", b"Content-Type: application/json", b"Content-Length: " + str(len(body)).encode()]
    if rng.random() < 0.3:
        headers[rng.randrange(3)] = rng.choice(ODD_HEADERS)
    return HttpRequest(rng.choice((*METHODS, *("POST",) * 12)), path, headers, body)


def send(studio: Studio, request: HttpRequest, break_off: bool = False) -> int:
    """Send a request, and return the status of its answer: 0 if there is none.

    With ``break_off`` a body that goes on ends there; otherwise the studio waits for the rest until it gives it up.
    """
    received = b""
    with socket.create_connection(("127.0.0.1", studio.port), timeout=_SECONDS) as connection:
        try:
            connection.sendall(request.encode())
            if break_off and UNFINISHED & set(request.headers):
                connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(2**16):
                received = (received + data)[:100]
        except ConnectionError:  # answered and closed before the whole body had been sent
            pass
    while received.startswith(b"HTTP/1.1 100"):
        received = received.partition(b"\r\n\r\n")[2]
    return int(received[9:12]) if received.startswith(b"HTTP/1.1 ") else 0


def attack(
    studio: Studio, fuzzed: int, mutated: int, seed: int = 0, break_off: bool = False
) -> tuple[Counter[int], list[str]]:
    """Send requests, four at a time; returns the statuses, and the requests that were answered by 5xx or not at all.

    A request that the client broke off, as by a Content-Length that is too large, needs no answer.
    """
    rng = random.Random(seed)
    valid = valid_requests(studio)
    requests = [fuzz(studio, rng) for _ in range(fuzzed)] + [mutate(rng.choice(valid), rng) for _ in range(mutated)]
    statuses: Counter[int] = Counter()
    failed = []
    with ThreadPoolExecutor(4) as pool:  # some wait until the studio gives their bodies up
        answers = list(pool.map(partial(send, studio, break_off=break_off), requests))
    for request, status in zip(requests, answers, strict=True):
        statuses[status] += 1
        if status >= 500:
            failed.append(f"{status}: {request.encode()[:300]!r}")
    if send(studio, valid[0]) != 200:
        failed.append("the valid request at the end was not answered")
    return statuses, failed


def main(words: list[str] | None = None) -> int:
    """Attack; returns 1 if an answer is 5xx or the studio printed a traceback."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="faces")
    parser.add_argument("--fuzzed", type=int, default=2000)
    parser.add_argument("--mutated", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with running([options.model], log) as studio:
            statuses, failed = attack(studio, options.fuzzed, options.mutated, options.seed)
        if "Traceback" in log.read_text(encoding="utf-8"):
            failed.append(log.read_text(encoding="utf-8")[-3000:])
    print("status  answers")
    for status, count in sorted(statuses.items()):
        print(f"{status or 'none':>6}  {count}")
    print("\n".join(failed) or "no answer of 5xx, no traceback")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
