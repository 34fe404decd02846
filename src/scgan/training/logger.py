"""Log of a training: loss terms as JSON lines and for a tracker."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scgan.training.trackers import PACKAGES, LightningTracker, Tracker
from scgan.utils.files import atomic_file
from scgan.utils.json_files import parse_json, seal, unseal
from scgan.utils.progress import say


def tensorboard_installed() -> bool:
    """Tell if the extra ``tensorboard`` is installed; without it a log has JSON lines only."""
    return find_spec("tensorboard") is not None


class Logger:
    """Appends to ``folder``/log.jsonl and to a tracker; to TensorBoard (``folder``/tensorboard) where it is installed.

    Args:
        folder: the run folder.
        step: the step from which a run resumes (0 for a new one); lines of later steps, from before a kill, are
            removed.
        tracker: as ``LogSettings.tracker``.
        settings: of the training, by dotted name, for the tracker.

    Raises:
        UserError: the tracker cannot be opened.
    """

    def __init__(
        self, folder: Path, step: int, tracker: str = "tensorboard", settings: Mapping[str, Any] | None = None
    ) -> None:
        path = folder / "log.jsonl"
        if path.exists():
            lines = _intact_lines(path, step)
            with atomic_file(path) as partial:
                partial.write_bytes(b"".join(line + b"\n" for line in lines))
        self._tracker: Tracker | None = None
        if tracker in PACKAGES:
            self._tracker = LightningTracker(tracker, folder, settings or {})
        elif tracker == "tensorboard" and tensorboard_installed():
            self._tracker = _EventFile(folder / "tensorboard", step + 1)
        self._file = path.open("a", encoding="utf-8")

    def write(self, step: int, values: dict[str, float | str]) -> None:
        """Write one line with ``step`` and ``values``; numbers also go to the tracker."""
        self._file.write(json.dumps(seal({"step": step, **values})) + "\n")
        self._file.flush()
        if self._tracker is not None:
            numbers = {name: value for name, value in values.items() if not isinstance(value, str)}
            self._tracker.write(step, numbers)

    def close(self) -> None:
        """Flush and close all files."""
        with ExitStack() as stack:  # a full disk may fail each of them
            stack.callback(self._file.close)
            if self._tracker is not None:
                stack.callback(self._tracker.close)


class _EventFile:
    """A new file of events for TensorBoard.

    TensorBoard's own writer has a thread, which prints a traceback where the disk is full.

    Args:
        folder: of all event files of the run.
        first_step: TensorBoard hides events of this step and later ones that earlier files hold.
    """

    def __init__(self, folder: Path, first_step: int) -> None:
        from tensorboard.compat.proto import event_pb2
        from tensorboard.summary.writer.record_writer import RecordWriter

        folder.mkdir(exist_ok=True)
        name = f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}.{os.getpid()}"
        self._file = (folder / name).open("wb")
        self._records = RecordWriter(self._file)
        self._events = event_pb2
        self._write(file_version="brain.Event:2")
        started = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._write(step=first_step, session_log=started)
        self._records.flush()

    def write(self, step: int, values: dict[str, float]) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        scalars = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._write(step=step, summary=Summary(value=scalars))
        self._records.flush()

    def _write(self, **event: Any) -> None:
        self._records.write(self._events.Event(wall_time=time.time(), **event).SerializeToString())

    def close(self) -> None:
        self._records.close()


def _intact_lines(file: Path, step: int) -> list[bytes]:
    """Lines up to a step; names damaged ones, but not the last line, which a kill may have cut off."""
    *lines, _ = file.read_bytes().split(b"\n")
    intact = []
    for number, line in enumerate(lines, start=1):
        try:
            if float(unseal(parse_json(line), required=False)["step"]) <= step:
                intact.append(line)
        except (KeyError, TypeError, ValueError):
            say(f"{file}, line {number}, is damaged: it is left out.")
    return intact
