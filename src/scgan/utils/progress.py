"""Progress with the time left: a bar on a terminal, elsewhere a line every 20 seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

console = Console(stderr=True, highlight=False, emoji=False)

_SECONDS_BETWEEN_LINES = 20.0


def say(text: str) -> None:
    """Print a remark for the person at the terminal (standard error; standard output is for results)."""
    console.print(text, markup=False, soft_wrap=True)


@contextmanager
def progress(title: str, total: int, done: int = 0, *, brief: bool = False) -> Iterator[Callable[[int, str], None]]:
    """Show progress from ``done`` to ``total``; yield ``advance(count, remark)``.

    Where there is no terminal, ``brief`` says nothing about work that takes less than 20 seconds.
    """
    if not console.is_terminal:
        yield _line_printer(title, total, done, brief)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[remark]}"),
    )
    with Progress(*columns, console=console, transient=False) as bar:
        task = bar.add_task(title, total=total, completed=done, remark="")
        yield lambda count, remark: bar.update(task, advance=count, remark=remark)


def no_progress() -> AbstractContextManager[Callable[[int, str], None]]:
    """Stand in for ``progress`` where none is shown."""
    return nullcontext(lambda count, remark: None)


def _line_printer(title: str, total: int, done: int, brief: bool) -> Callable[[int, str], None]:
    start = last = time.monotonic()
    first = done

    def advance(count: int, remark: str) -> None:
        nonlocal done, last
        done += count
        now = time.monotonic()
        at_end = done >= total and not (brief and last == start)
        if now - last < _SECONDS_BETWEEN_LINES and not at_end:
            return
        last = now
        seconds_left = (now - start) / max(done - first, 1) * (total - done)
        say(f"{title}: {done}/{total}, {clock(seconds_left)} left {remark}".rstrip())

    return advance


def clock(seconds: float) -> str:
    """Format seconds: 3725 → "1:02:05"."""
    total = int(seconds)
    hours, minutes = total // 3600, total // 60 % 60
    return f"{hours}:{minutes:02}:{total % 60:02}" if hours else f"{minutes}:{total % 60:02}"
