"""Deferred Ctrl-C and SIGTERM."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from scgan.utils.interrupts import defer_interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_sets_a_flag_and_the_earlier_handler_comes_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with defer_interrupts() as interrupted:
        assert not interrupted()
        os.kill(os.getpid(), number)
        assert interrupted()
    assert signal.getsignal(number) is before


def test_other_threads_get_no_signals() -> None:
    def work() -> bool:
        with defer_interrupts() as interrupted:
            return interrupted()

    with ThreadPoolExecutor(1) as pool:
        assert not pool.submit(work).result()
