"""Locks of outputs: two commands never write the same file or folder at once."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from scgan.utils.errors import UserError
from scgan.utils.interrupts import cleanup_on_exit
from scgan.utils.progress import say

_MAX_NAME_BYTES = 200  # file systems allow 255, some encrypted ones 143 characters more or less

_held: list[tuple[int, Path]] = []
"""Thread and path of each lock that this process holds."""


@contextmanager
def output_lock(path: Path, wait: bool = False) -> Iterator[None]:
    """Hold the lock of an output file or folder, which may not exist yet.

    The lock is a file ``.NAME.lock`` beside ``path``, locked by the operating system: it is free as soon as its holder
    ends, by a kill too. It covers what is inside ``path`` and what is beside it as ``NAME.…``: where the thread that
    holds it asks for such a path, nothing happens.

    Args:
        path: the output.
        wait: wait until the other command is done, instead of an error.

    Raises:
        UserError: another command holds the lock; says which process, on which host, and since when.
    """
    path = path.resolve()
    if any(_covers(held, path) for thread, held in _held if thread == threading.get_ident()):
        yield
        return
    with _lock(path, wait):
        yield


def wait_until_free(path: Path) -> None:
    """Wait until no process holds the lock of ``path``, even if this process holds that of a folder around it."""
    with _lock(path.resolve(), wait=True):
        pass


def is_locked(path: Path) -> bool:
    """Tell whether the lock file of ``path`` is there: all machines see it, and a kill of its holder leaves it."""
    return _lock_file(path.resolve()).exists()


def clear_lock(path: Path) -> None:
    """Remove the lock file of ``path`` if a kill left it."""
    with suppress(OSError, UserError):
        if _lock_file(path.resolve()).exists():
            with output_lock(path):
                pass


@contextmanager
def _lock(path: Path, wait: bool) -> Iterator[None]:
    from filelock import FileLock, Timeout

    file = _lock_file(path)
    folders = _make_folders(file.parent)
    lock = FileLock(file, mode=0o644)
    with cleanup_on_exit(lambda: _remove(file, folders) if lock.is_locked else None):
        try:
            lock.acquire(blocking=False)
        except Timeout as error:
            _require_creatable(file, path)
            if not wait:
                raise UserError(
                    f"{path} is being written by {_holder(file)}: wait for it, or stop it first."
                ) from error
            say(f"{path} is being written by {_holder(file)}: waiting for it.")
            while not lock.is_locked:
                with suppress(Timeout):
                    lock.acquire(timeout=1)
        own = threading.get_ident(), path
        _held.append(own)
        try:
            file.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}))
            yield
        finally:
            _held.remove(own)
            _remove(file, folders)  # while it is locked: a process that waits for it notices, and makes a new one
            lock.release()


def _require_creatable(file: Path, path: Path) -> None:
    """Refuse a folder like /proc, which takes no new file; FileLock takes that for a lock that is held.

    Raises:
        UserError: no file can be created beside ``path``.
    """
    try:
        with NamedTemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        raise UserError(f"{path} cannot be created ({error.strerror}): choose another --out.") from error


def _covers(held: Path, path: Path) -> bool:
    if path.is_relative_to(held):
        return True
    relative = path.relative_to(held.parent).parts if path.is_relative_to(held.parent) else ()
    return bool(relative) and relative[0].startswith(f"{held.name}.")


def _lock_file(path: Path) -> Path:
    name = path.name
    if len(os.fsencode(name)) > _MAX_NAME_BYTES:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return path.with_name(f".{name}.lock")


def _make_folders(folder: Path) -> list[Path]:
    """Create a folder with its parents; returns those that did not exist, the innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove(file: Path, folders: list[Path]) -> None:
    file.unlink(missing_ok=True)
    with suppress(OSError):  # something is in them: the output
        for folder in folders:
            folder.rmdir()


def _holder(file: Path) -> str:
    """Describe the process that holds the lock."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        holder = json.loads(file.read_text(encoding="utf-8"))
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(holder["since"]))
        return f"another command (process {holder['pid']} on {holder['host']}, since {since})"
    return "another command"
