"""Exchange of two names in one step, which Python lacks: ``renameat2`` of Linux, ``renamex_np`` of macOS."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path

_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS


def exchange(one: Path, other: Path) -> None:
    """Exchange the names of two existing folders; in two steps where the system or the file system cannot do it in one.

    Raises:
        OSError: neither way works.
    """
    if _exchange_at_once(one, other):
        return
    old = other.with_name(f"{other.name}.old.partial")
    other.rename(old)
    one.rename(other)
    old.rename(one)


def _exchange_at_once(one: Path, other: Path) -> bool:
    if sys.platform == "win32":
        return False
    names = os.fsencode(one), os.fsencode(other)
    library = ctypes.CDLL(None, use_errno=True)
    call: Callable[..., int] | None
    if sys.platform == "darwin":
        call = getattr(library, "renamex_np", None)
        return call is not None and call(*names, _EXCHANGE) == 0
    call = getattr(library, "renameat2", None)
    return call is not None and call(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE) == 0
