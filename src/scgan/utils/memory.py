"""Memory of this process."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path


def release_memory() -> None:
    """Return freed memory to the system. glibc keeps it otherwise, for each thread that has allocated something."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):  # another C library
        return


def resident_bytes() -> int:
    """Memory that this process takes now; 0 where the system does not say it."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
