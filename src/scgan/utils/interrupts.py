"""Signals that stop a command: Ctrl-C, SIGTERM, and SIGHUP of a closed terminal. Imports nothing that takes time."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOP_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that stop a command; SIGHUP exists on POSIX only."""

STOP_CODES = tuple(128 + number for number in STOP_SIGNALS)
"""Exit codes of stopped commands: 130, 143, 129."""

STOP_WITH_PARENT = "SCGAN_STOP_WITH_PARENT"
"""Environment variable that lets a process stop when its standard input is closed, as a kill of its parent does."""

_cleanups: list[Callable[[], object]] = []
_last_signal: int = signal.SIGINT


def exit_on_signals() -> None:
    """Let a stop signal end this process: it removes unfinished output, prints a sentence, exits with 128 + number.

    No exception is raised, because a library may swallow it or print it where it cannot be raised, most of all while
    modules are imported. Work that can be saved runs within ``defer_interrupts`` instead.
    """
    for number in _heeded_signals():
        signal.signal(number, _exit)
    atexit.register(_ignore_signals)  # registered first, called last: Python forgets _exit when it ends


def _ignore_signals() -> None:
    """Let no stop signal change the exit code of a command that is done."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def stop_with_parent() -> None:
    """Send this process SIGTERM when its standard input ends, if the environment asks for it."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    if os.environ.get(STOP_WITH_PARENT):
        threading.Thread(target=watch, daemon=True).start()


@contextmanager
def cleanup_on_exit(cleanup: Callable[[], object]) -> Iterator[None]:
    """Call ``cleanup`` if a stop signal ends the process within the context. It may be called at any moment."""
    _cleanups.append(cleanup)
    try:
        yield
    finally:
        _cleanups.remove(cleanup)


@contextmanager
def defer_interrupts() -> Iterator[Callable[[], bool]]:
    """Let stop signals only set a flag within the context; the yielded function reads it.

    The current work can so be finished and saved, and no lock stays locked because an exception came between two
    instructions. Only the main thread gets signals: in other threads the flag is never set.
    """
    interrupted = False

    def set_flag(signal_number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        global _last_signal
        interrupted, _last_signal = True, signal_number

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    previous = {number: signal.signal(number, set_flag) for number in _heeded_signals()}
    try:
        yield lambda: interrupted
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def stop_code() -> int:
    """Exit code of a command that was stopped: 128 + number of the signal that was deferred last (130: Ctrl-C)."""
    global _last_signal
    number, _last_signal = _last_signal, signal.SIGINT
    return 128 + number


def _heeded_signals() -> list[int]:
    """List the stop signals without a SIGHUP that ``nohup`` told this process to ignore."""
    return [number for number in STOP_SIGNALS if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN]


def _exit(number: int, frame: FrameType | None) -> None:
    _ignore_signals()
    for cleanup in reversed(_cleanups):
        with suppress(OSError):
            cleanup()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # closed, or in the middle of another write
            stream.flush()
    show_cursor = "\x1b[?25h" if sys.stderr.isatty() else ""  # a progress bar hides it
    name = " ".join(["scgan", *sys.argv[1:2]])
    with suppress(OSError):
        os.write(2, f"{show_cursor}{name}: stopped.\n".encode(errors="replace"))
    os._exit(128 + number)
