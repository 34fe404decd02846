"""Every output is written beside its place and renamed, so that a half-written one never carries the real name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scgan.errors import UserError


def require_absent(path: Path, overwrite: bool) -> None:
    """Refuse to go on when ``path`` exists, unless ``overwrite``.

    Raises:
        UserError: ``path`` exists and ``overwrite`` is false.
    """
    if path.exists() and not overwrite:
        raise UserError(f"{path} exists already: choose another --out, or replace it with --overwrite.")


@contextmanager
def written_file(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; rename it to ``path`` on success, remove it on failure.

    Raises:
        UserError: ``path`` is a folder or a device.
    """
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not a file that can be replaced: choose another --out.")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial{path.suffix}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def written_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside ``path`` to fill; on success it replaces ``path``, on failure it is removed."""
    partial = path.with_name(f"{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        replace_folder(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def replace_folder(new: Path, path: Path) -> None:
    """Give the folder ``new`` the name ``path``, removing what had that name before."""
    if path.exists():
        old = path.with_name(f"{path.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        path.rename(old)
        new.rename(path)
        shutil.rmtree(old)
    else:
        new.rename(path)
