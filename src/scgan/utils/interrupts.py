"""Deferral of Ctrl-C and SIGTERM to a point where everything can be saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def defer_interrupts() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C and SIGTERM only set a flag within the context; the yielded function reads it.

    The current work can so be finished and saved, and no lock stays locked because an exception came between two
    instructions. Only the main thread gets signals: in other threads the flag is never set.
    """
    interrupted = False

    def set_flag(signal_number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    previous = {number: signal.signal(number, set_flag) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: interrupted
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
