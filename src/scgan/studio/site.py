"""The page's files, read once: what a request names is looked up among them and never reaches the file system."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class File(NamedTuple):
    content: bytes
    media_type: str


def read_site() -> dict[str, File]:
    """Every file of the page by its path on the server."""
    folder = files("scgan.studio").joinpath("page")
    found = {}
    for entry in folder.iterdir():
        suffix = entry.name.rpartition(".")[2]
        if suffix in _TYPES:
            found[f"/{entry.name}"] = File(entry.read_bytes(), _TYPES[suffix])
    found["/"] = found["/index.html"]
    return found
