"""Ctrl-C at a point where everything can be saved, not in the middle of something."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def defer_interrupts() -> Iterator[Callable[[], bool]]:
    """Within, Ctrl-C and a polite kill only raise a flag, which the yielded function tells.

    What is under way is so finished and saved, and no lock stays locked for ever because an exception came between two
    instructions. Only the main thread gets signals: elsewhere the flag is never raised.
    """
    asked = False

    def remember(signal_number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    previous = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
