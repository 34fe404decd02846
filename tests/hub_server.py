"""A server on the loopback interface that answers like the Hugging Face Hub, as far as its own tools ask for models."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

Files = dict[str, bytes]


@contextmanager
def hub_server() -> Iterator[tuple[str, dict[str, Files]]]:
    """Serve until the end of the context; yields the endpoint, and the files of each repository by its name."""
    repositories: dict[str, Files] = {}

    class Handler(_Handler):
        content = repositories

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", repositories
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Requests that ``hf upload`` and ``snapshot_download`` make."""

    protocol_version = "HTTP/1.1"
    content: dict[str, Files]

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        self._read()

    def do_HEAD(self) -> None:
        self._read()

    def do_POST(self) -> None:
        body = self._body()
        match self._parts():
            case ["api", "repos", "create"]:
                values = json.loads(body)
                name = "/".join(filter(None, (values.get("organization"), values["name"])))
                self.content.setdefault(name, {})
                self._answer({"url": f"{self._endpoint()}/{name}", "name": name})
            case ["api", "validate-yaml"]:
                self._answer({"errors": [], "warnings": []})
            case ["api", "models", owner, name, "preupload", _]:
                modes = {"uploadMode": "regular", "shouldIgnore": False}
                self._answer({"files": [{"path": file["path"], **modes} for file in json.loads(body)["files"]]})
            case ["api", "models", owner, name, "commit", _]:
                files = self.content[f"{owner}/{name}"]
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        files[line["value"]["path"]] = b64decode(line["value"]["content"])
                commit = _commit(files)
                url = f"{self._endpoint()}/{owner}/{name}/commit/{commit}"
                self._answer({"success": True, "commitOid": commit, "commitUrl": url})
            case _:
                self._answer({"error": "unknown"}, 404)

    def _read(self) -> None:
        match self._parts():
            case ["api", "models", owner, name, "tree", _, *_]:
                files = self.content[f"{owner}/{name}"]
                entries = [
                    {"type": "file", "path": path, "size": len(files[path]), "oid": _oid(files[path])} for path in files
                ]
                self._answer(entries)
            case ["api", "models", owner, name, *_] if f"{owner}/{name}" in self.content:
                files = self.content[f"{owner}/{name}"]
                about = {"id": f"{owner}/{name}", "sha": _commit(files), "private": False, "tags": [], "downloads": 0}
                self._answer({**about, "siblings": [{"rfilename": path} for path in files]})
            case [owner, name, "resolve", _, *path] if f"{owner}/{name}" in self.content:
                files, file = self.content[f"{owner}/{name}"], "/".join(path)
                commit = {"X-Repo-Commit": _commit(files)}
                if file not in files:
                    self._answer({"error": "no such file"}, 404, {**commit, "X-Error-Code": "EntryNotFound"})
                else:
                    self._send(files[file], 200, {**commit, "ETag": f'"{_oid(files[file])}"'})
            case _:
                self._answer({"error": "no such repository"}, 404, {"X-Error-Code": "RepoNotFound"})

    def _parts(self) -> list[str]:
        return [unquote(part) for part in urlsplit(self.path).path.split("/") if part]

    def _endpoint(self) -> str:
        return f"http://{self.headers['Host']}"

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _oid(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def _commit(files: Files) -> str:
    return _oid(b"".join(path.encode() + content for path, content in sorted(files.items())))
