"""Every output is written beside its place and renamed, so that a half-written one never carries the real name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from scgan.utils.errors import UserError

# Every folder that a command writes has one of these at its top: what has none is somebody's own.
_MARKS = ("dataset.json", "config.yaml", "model.json", "manifest.json", "manifest.jsonl", "index.html")


def require_new_file(path: Path, overwrite: bool) -> None:
    """Refuse, before any work, an output file that cannot be written.

    Raises:
        UserError: ``path`` exists and ``overwrite`` is false, it is a folder or a device, or it cannot be made.
    """
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not a file that can be replaced: choose another --out.")
    _require_absent(path, overwrite)


def require_new_folder(path: Path, overwrite: bool) -> None:
    """Refuse, before any work, an output folder that cannot be written, or that holds what scgan did not write.

    Raises:
        UserError: ``path`` exists and ``overwrite`` is false, it is a file, is not empty and not one of ours, or it
            cannot be made.
    """
    if path.exists() and not path.is_dir():
        raise UserError(f"{path} is a file: choose another --out.")
    _require_absent(path, overwrite)
    if path.exists() and any(path.iterdir()) and not any((path / mark).is_file() for mark in _MARKS):
        raise UserError(f"{path} was not written by scgan: remove it yourself, or choose another --out.")


def require_inputs_kept(out: Path, inputs: Iterable[Path]) -> None:
    """Refuse to replace an output that is, or holds, what is read.

    Raises:
        UserError: one of ``inputs`` is ``out`` or inside of it.
    """
    for path in inputs:
        # Not path.exists(): an argument may be no path at all, and too long for one.
        if os.path.exists(path) and path.resolve().is_relative_to(out.resolve()):
            what = "is" if path.resolve() == out.resolve() else "holds"
            raise UserError(f"{out} {what} what is to be read ({path}): choose another --out.")


def _require_absent(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise UserError(f"{path} exists already: choose another --out, or replace it with --overwrite.")
    above = next(parent for parent in path.absolute().parents if parent.exists())
    if not above.is_dir():
        raise UserError(f"{path} cannot be made, {above} is a file: choose another --out.")
    if not os.access(above, os.W_OK):
        raise UserError(f"{path} cannot be made, nothing can be written to {above}: choose another --out.")


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
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
def atomic_folder(path: Path) -> Iterator[Path]:
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
        with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as aside:
            path.rename(Path(aside) / "old")
            new.rename(path)
    else:
        new.rename(path)
