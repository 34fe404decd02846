"""Files of the page, read once. Requests look them up by path and never reach the file system."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

_MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class PageFile(NamedTuple):
    content: bytes
    media_type: str


def read_page(folder: Traversable | None = None) -> dict[str, PageFile]:
    """Read the files of a page.

    Args:
        folder: holds ``index.html``; None takes the studio's own page.

    Returns:
        Files by their path on the server; ``/`` is ``index.html``.
    """
    page = dict(_read_folder(files("scgan.studio").joinpath("page") if folder is None else folder, "/"))
    page["/"] = page["/index.html"]
    return page


def _read_folder(folder: Traversable, path: str) -> Iterator[tuple[str, PageFile]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _read_folder(entry, f"{path}{entry.name}/")
            continue
        suffix = entry.name.rpartition(".")[2]
        if suffix in _MEDIA_TYPES:
            yield path + entry.name, PageFile(entry.read_bytes(), _MEDIA_TYPES[suffix])
