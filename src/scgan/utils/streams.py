"""Standard streams. Imports nothing that takes time."""

from __future__ import annotations

import os
import sys


def open_standard_streams() -> None:
    """Put the null device in the place of closed standard streams, as ``command >&-`` or a service leaves them.

    Otherwise the next file that is opened gets the number of a stream, and messages are written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
