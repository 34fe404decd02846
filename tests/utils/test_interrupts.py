"""Ctrl-C raises a flag where it would be an exception, and is one again afterwards."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from scgan.utils.interrupts import defer_interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_raises_a_flag_and_what_was_there_before_comes_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with defer_interrupts() as stopped:
        assert not stopped()
        os.kill(os.getpid(), number)
        assert stopped()
    assert signal.getsignal(number) is before


def test_other_threads_get_no_signals() -> None:
    def work() -> bool:
        with defer_interrupts() as stopped:
            return stopped()

    with ThreadPoolExecutor(1) as pool:
        assert not pool.submit(work).result()
