"""A scgan command as a process that is disturbed: started cold or warm, watched, signalled, and waited for.

A cold process is a new ``python -m scgan``. A warm one is a fork of this process, which has imported scgan and its
libraries already: it begins where the imports of a cold one end, and takes a fifth of its time.
"""

from __future__ import annotations

import atexit
import os
import pkgutil
import re
import runpy
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, NoReturn

from stop_at import run_counted

_STOP_AT = Path(__file__).with_name("stop_at.py")
_LIBRARIES = (
    "lightning_fabric",
    "torch._dynamo",
    "torch.utils.tensorboard",
    "onnxruntime",
    "scipy.optimize",
    "uvicorn",
)
_POLL_SECONDS = 0.005
_TICKS = os.sysconf("SC_CLK_TCK")


def import_all() -> None:
    """Import scgan and its libraries, so that forks of this process are warm."""
    import scgan

    names = [module.name for module in pkgutil.walk_packages(scgan.__path__, "scgan.")]
    for name in (*_LIBRARIES, *(name for name in names if not name.endswith("__main__"))):
        with suppress(ImportError):  # of an extra that is not installed
            import_module(name)


class Ended(NamedTuple):
    """End of a command.

    Attributes:
        code: exit code; negative: signal.
        text: everything that was printed.
        seconds: processor time, that of the processes it started included.
    """

    code: int
    text: str
    seconds: float = 0.0


class Started:
    """A running command.

    Args:
        words: of the command line.
        folder: current folder of the command; it is created.
        environment: variables.
        warm: fork this process instead of starting Python.
        stop_at: arguments of ``stop_at.py``; none start scgan directly.
    """

    def __init__(
        self,
        words: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        warm: bool = False,
        stop_at: Sequence[str] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder.parent / f"{folder.name}.{time.monotonic_ns()}.txt"
        self._code: int | None = None
        self._seconds = 0.0
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        with self._file.open("wb") as said:
            self.pid = os.fork()
            if not self.pid:
                _become(lambda: _prepare(folder, said.fileno(), environment), words, environment, warm, stop_at)

    def runs(self) -> bool:
        """Tell if the command has not ended yet."""
        if self._code is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self._code, self._seconds = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        return self._code is None

    def wait_until_signals_are_handled(self) -> None:
        """Wait for scgan's first lines: what comes before them is Python's own start."""
        mask = 1 << (signal.SIGTERM - 1)
        while self.runs():
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
            if (match := re.search(r"SigCgt:\s*(\w+)", status)) and int(match[1], 16) & mask:
                return
            time.sleep(0.002)

    def wait_for(self, text: str) -> None:
        """Wait until the command prints a text."""
        while self.runs() and text not in self._file.read_text(encoding="utf-8"):
            time.sleep(_POLL_SECONDS)

    def wait_for_processor_time(self, seconds: float, max_wait: float) -> None:
        """Wait until the command has used ``seconds`` of a processor, which other load does not change."""
        end = time.monotonic() + max_wait
        while self.runs() and _processor_time(self.pid) < seconds and time.monotonic() < end:
            time.sleep(_POLL_SECONDS)

    def send(self, number: int, group: bool = False) -> bool:
        """Send a signal to the process, or to all that it started, as a terminal does; returns false if it ended."""
        if not self.runs():
            return False
        (os.killpg if group else os.kill)(self.pid, number)
        return True

    def end(self, seconds: float = 1800) -> Ended:
        """Wait for the end of the command and of all processes that it started."""
        end, remark = time.monotonic() + seconds, ""
        while self.runs() or _is_group(self.pid):
            if time.monotonic() > end:
                remark = f"\n(did not end in {seconds:.0f} s)"
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                end = float("inf")
            time.sleep(_POLL_SECONDS)
        text = self._file.read_text(encoding="utf-8", errors="replace") + remark
        self._file.unlink()
        assert self._code is not None
        return Ended(-1 if remark else self._code, text, self._seconds)


def _prepare(folder: Path, said: int, environment: Mapping[str, str]) -> None:
    """Give this process a session, streams, the current folder, and signals that ``nohup`` does not hide."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)


def _become(
    prepare: Callable[[], None],
    words: Sequence[str],
    environment: Mapping[str, str],
    warm: bool,
    stop_at: Sequence[str],
) -> NoReturn:
    """Turn this process, a fork, into the command. Nothing of the caller's stack runs afterwards."""
    code: object = 1
    try:
        prepare()
        if not warm:
            program = [str(_STOP_AT), *stop_at] if stop_at else ["-m", "scgan"]
            os.execve(sys.executable, [sys.executable, *program, *words], dict(environment))
        if stop_at:
            run_counted(stop_at[0], int(stop_at[1]), int(stop_at[2]), words)
        else:
            sys.argv = ["scgan", *words]
            runpy.run_module("scgan", run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
    with suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # the end of an interpreter, in its order
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _is_group(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _processor_time(pid: int) -> float:
    """Processor time of a process, its ended children and its running ones, in seconds."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        children = [file.read_text().split() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it has just ended
        return 0.0
    own = sum(map(int, fields[11:15])) / _TICKS
    return own + sum(_processor_time(int(child)) for group in children for child in group)
