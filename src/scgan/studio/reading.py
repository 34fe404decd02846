"""Reading of uploaded files in a process of its own.

A small file can keep a decoder busy for hours, fill the memory, or crash it. Here it costs one process, whose time is
bounded, and its memory is free again when it ends. Decoders and dlib also hold Python's lock, which would stop the
whole studio.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Lock, Timer
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import center_square
from scgan.faces.detector import DetectorName, shared_detector
from scgan.faces.landmarks import Points
from scgan.schema import Schema
from scgan.studio import uploads
from scgan.studio.messages import Crop
from scgan.studio.placement import to_crop, to_square
from scgan.utils.errors import UserError
from scgan.utils.memory import keep_little_memory, release_memory, resident_bytes

MAX_CPU_SECONDS = 20.0
"""Processor time for one file. The largest photos take 2 seconds."""
_MAX_SECONDS = 120.0
_MAX_KEPT_BYTES = 400 * 2**20  # a process that keeps more ends after its file


class FileReader:
    """Process that reads files. It starts with the first file, and again after one that it could not survive.

    Args:
        max_cpu_seconds: processor time for one file.
        detector: finds the landmarks in photos.
    """

    def __init__(self, max_cpu_seconds: float = MAX_CPU_SECONDS, detector: DetectorName = "auto") -> None:
        self._max_cpu_seconds, self._detector = max_cpu_seconds, detector
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    def read_photo(self, data: bytes, max_side: int = uploads.MAX_PHOTO_SIDE) -> NDArray[np.uint8]:
        """Decode a photo as ``uploads.decode_photo`` does.

        Raises:
            UserError: it cannot be read, or takes too long.
        """
        return self._ask({"kind": "photo", "max_side": max_side}, data)[0]

    def read_face(self, data: bytes, crop: Crop | None) -> tuple[Points, Crop]:
        """Decode a photo, and detect the points of the only face in a part of it, by default in its central square.

        Returns:
            float32 (68, 2), fractions of the part; the part.

        Raises:
            UserError: as ``read_photo``, or there is no face or several.
        """
        points, answer = self._ask(
            {"kind": "face", "detector": self._detector, "crop": crop and crop.model_dump()}, data
        )
        return points, Crop(**answer["crop"])

    def read_mask(self, data: bytes, schema: Schema) -> tuple[NDArray[np.uint8], str | None]:
        """Decode a mask as ``uploads.decode_mask`` does.

        Raises:
            UserError: as ``uploads.decode_mask``, or it takes too long.
        """
        mask, answer = self._ask({"kind": "mask", "schema": schema.to_json()}, data)
        return mask, answer["notice"]

    def prepare(self, detect: bool) -> None:
        """Start the process, and load the detector on request, so that the first photo need not wait for them."""
        with suppress(UserError):  # no detector is installed; the first photo says it
            self._ask({"kind": "prepare", "detector": self._detector if detect else None}, b"")

    def close(self) -> None:
        """End the process. A file that is being read fails."""
        self._is_closed = True
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:  # the file that is read fails first
            if self._process is not None:
                self._process.kill()
                _end(self._process)
                self._process = None

    def _ask(self, question: dict[str, Any], data: bytes) -> tuple[NDArray[Any], dict[str, Any]]:
        with self._lock:
            process = self._running_process()
            timer = Timer(_MAX_SECONDS, process.kill)
            timer.start()
            try:
                assert process.stdin is not None and process.stdout is not None
                _send(process.stdin, {**question, "size": len(data)}, data)
                received = _receive(process.stdout)
            except OSError:  # it has ended
                received = None
            finally:
                timer.cancel()
            if received is None or received[0]["ends"]:
                self._process = None
                _end(process)
            if received is None:
                raise UserError(_reason(process.returncode))
        answer, content = received
        if answer["error"]:
            raise UserError(answer["error"])
        return np.frombuffer(content, answer["dtype"]).reshape(answer["shape"]), answer

    def _running_process(self) -> subprocess.Popen[bytes]:
        if self._is_closed:
            raise UserError("the studio is being stopped.")
        if self._process is None or self._process.poll() is not None:
            if self._process is not None:
                _end(self._process)
            # A session of its own: Ctrl-C in the terminal is for the studio.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scgan.studio.reading", str(self._max_cpu_seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            if self._is_closed:  # in the meantime
                self._process.kill()
        return self._process


def main() -> None:
    """Read files from standard input until it ends, and write arrays to standard output."""
    keep_little_memory()
    max_cpu_seconds = float(sys.argv[1])
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a decoder prints goes elsewhere
    while (received := _receive(sys.stdin.buffer)) is not None:
        question, data = received
        signal.setitimer(signal.ITIMER_PROF, max_cpu_seconds)  # the signal ends this process, even inside a decoder
        answer: dict[str, Any] = {"error": None}
        array: NDArray[Any] = np.zeros(0, np.uint8)
        try:
            array, details = _read(question, data)
            answer.update(details)
        except UserError as error:
            answer["error"] = str(error)
        except MemoryError:
            answer["error"] = "the file takes more memory than there is: make it smaller."
        signal.setitimer(signal.ITIMER_PROF, 0)
        del data, received
        content = array.tobytes()
        release_memory()
        answer["ends"] = resident_bytes() > _MAX_KEPT_BYTES
        _send(output, {**answer, "dtype": array.dtype.str, "shape": array.shape, "size": len(content)}, content)
        del array, content
        if answer["ends"]:
            return


def _read(question: dict[str, Any], data: bytes) -> tuple[NDArray[Any], dict[str, Any]]:
    if question["kind"] == "prepare":
        if question["detector"]:
            shared_detector(question["detector"])
        return np.zeros(0, np.uint8), {}
    if question["kind"] == "mask":
        mask, notice = uploads.decode_mask(data, Schema.from_json(question["schema"], "the model"))
        return mask, {"notice": notice}
    photo = uploads.decode_photo(data, question.get("max_side", uploads.MAX_PHOTO_SIDE))
    if question["kind"] == "photo":
        return photo, {}
    square = None if question["crop"] is None else to_square(Crop(**question["crop"]), photo)
    points = uploads.detect_landmarks(photo, square, question["detector"])
    return points, {"crop": to_crop(square or center_square(photo[..., 0]), photo).model_dump()}


def _send(stream: BinaryIO | Any, header: dict[str, Any], content: bytes) -> None:
    stream.write(json.dumps(header).encode() + b"\n")
    stream.write(content)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> tuple[dict[str, Any], bytes] | None:
    """Read a header and the bytes that it announces; None if the other side has ended."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    header = json.loads(line)
    content = stream.read(header["size"])
    return (header, content) if len(content) == header["size"] else None


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):  # bytes that it did not take
                stream.close()
    process.wait()


def _reason(code: int) -> str:
    if code in (-signal.SIGPROF, -signal.SIGKILL):
        return "the file takes too long to read: save it again as a plain JPEG or PNG."
    return "the file cannot be read: its decoder failed. Save it again as a plain JPEG or PNG."


if __name__ == "__main__":
    main()
