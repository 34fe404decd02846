"""Memory of this process."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # numbers of glibc's mallopt
_LARGE_BLOCK, _MAX_HEAPS = 2**20, 2


def keep_little_memory() -> None:
    """Have glibc keep less freed memory: call it before threads are started.

    Blocks from 1 MB on are returned as soon as they are free. By default glibc raises this size to that of the largest
    block that was ever freed. All threads share two heaps; by default there are eight for each processor.
    """
    _call("mallopt", _MMAP_THRESHOLD, _LARGE_BLOCK)
    _call("mallopt", _ARENA_MAX, _MAX_HEAPS)


def release_memory() -> None:
    """Return freed memory to the system. glibc keeps it otherwise, for each thread that has allocated something."""
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    """Call a function of glibc; without effect where the C library has no such function."""
    try:
        getattr(ctypes.CDLL(None), name)(*arguments)
    except (OSError, AttributeError, TypeError):  # TypeError: Windows
        return


def resident_bytes() -> int:
    """Memory that this process takes now; 0 where the system does not say it."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
