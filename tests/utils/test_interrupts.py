"""Signals that stop a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from patience import MAX_SECONDS
from scgan.utils.interrupts import STOP_SIGNALS, STOP_WITH_PARENT, defer_interrupts


@pytest.fixture(autouse=True)
def heed_hangups() -> Iterator[None]:
    """Handle SIGHUP as usual: under nohup this process, and so its children, would ignore it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_sets_a_flag_and_the_earlier_handler_comes_back(number: int) -> None:
    code = f"""
import signal
from scgan.utils.interrupts import defer_interrupts, stop_code
before = signal.getsignal({number})
with defer_interrupts() as interrupted:
    print(interrupted())
    signal.raise_signal({number})
    print(interrupted())
print(signal.getsignal({number}) is before, stop_code(), stop_code())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True", str(128 + number), "130"]


def test_other_threads_get_no_signals() -> None:
    def work() -> bool:
        with defer_interrupts() as interrupted:
            return interrupted()

    with ThreadPoolExecutor(1) as pool:
        assert not pool.submit(work).result()


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_ends_a_command_with_a_sentence_and_removes_unfinished_output(number: int, tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from scgan.utils.files import atomic_file, atomic_folder
from scgan.utils.interrupts import exit_on_signals
sys.argv = ["scgan", "grid", "model"]
exit_on_signals()
with atomic_folder(Path({str(tmp_path)!r}) / "new" / "out") as partial, atomic_file(partial.parent / "file") as file:
    (partial / "image.png").touch()
    file.touch()
    print("working", flush=True)
    try:
        input()
    except BaseException:
        print("an exception")
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout and process.stdout.readline() == "working\n"
        process.send_signal(number)
        shown, said = process.communicate(timeout=MAX_SECONDS)
    assert (process.returncode, shown, said) == (128 + number, "", "scgan grid: stopped.\n")
    assert not list(tmp_path.rglob("*.partial*")) + list(tmp_path.rglob(".*"))


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_while_python_ends_leaves_the_exit_code(number: int) -> None:
    code = f"""
import os
import sys
from scgan.utils.interrupts import exit_on_signals
exit_on_signals()
class Last:
    def __del__(self, kill=os.kill, process=os.getpid()):  # modules are cleared after Python has removed all handlers
        kill(process, {number})
last = Last()
sys.exit(1)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=MAX_SECONDS).returncode == 1


def test_a_process_stops_with_its_parent() -> None:
    code = "from scgan.utils.interrupts import *\nimport time\nexit_on_signals()\nstop_with_parent()\ntime.sleep(60)"
    environment = {**os.environ, STOP_WITH_PARENT: "1"}
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, env=environment) as process:
        assert process.stdin
        process.stdin.close()
        assert process.wait(MAX_SECONDS) == 143
