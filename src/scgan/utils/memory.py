"""Memory of this process."""

from __future__ import annotations

import ctypes


def release_memory() -> None:
    """Return freed memory to the system. glibc keeps it otherwise, for each thread that has allocated something."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):  # another C library
        return
