"""Progress without a terminal: a line at the end, and every 20 seconds; brief work says nothing."""

from __future__ import annotations

import pytest

from scgan.utils import progress as module
from scgan.utils.progress import clock, progress


def lines(capfd: pytest.CaptureFixture[str], total: int, **options: bool) -> list[str]:
    with progress("read", total, **options) as advance:
        for _ in range(total):
            advance(1, "")
    return capfd.readouterr().err.splitlines()


def test_quick_work(capfd: pytest.CaptureFixture[str]) -> None:
    assert lines(capfd, 3) == ["read: 3/3, 0:00 left"]
    assert lines(capfd, 3, brief=True) == []


def test_long_work(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that takes 15 seconds for each item."""
    now = iter(range(0, 1000, 15))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(now))
    expected = ["read: 2/5, 0:45 left", "read: 4/5, 0:15 left", "read: 5/5, 0:00 left"]
    assert lines(capfd, 5) == expected
    assert lines(capfd, 5, brief=True) == expected


def test_clock() -> None:
    assert [clock(seconds) for seconds in (0, 61.9, 3725)] == ["0:00", "1:01", "1:02:05"]
