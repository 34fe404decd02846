"""Process that reads uploaded files: results, hostile files, and its end."""

import os
import signal
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image

from scgan.schema import Schema
from scgan.studio import uploads
from scgan.studio.reading import FileReader
from scgan.utils.errors import UserError

SCHEMA = Schema(32, ("background", "body"), ((0, 0, 0), (200, 80, 80)), ())


@pytest.fixture(scope="module")
def reader() -> Iterator[FileReader]:
    reader = FileReader()
    yield reader
    reader.close()


def encoded(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def endless_jpeg() -> bytes:
    """Progressive JPEG of 1 MB whose last scan is repeated 25,000 times: it takes minutes to decode."""
    data = encoded(Image.new("L", (2000, 2000)), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    last = data[data.rindex(b"\xff\xc4", 0, scan) : -2]
    return data[:-2] + last * 25_000 + data[-2:]


def test_files_are_read_as_in_this_process(reader: FileReader) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    photo = encoded(Image.fromarray(pixels))
    np.testing.assert_array_equal(reader.read_photo(photo), pixels)
    mask = np.zeros((32, 32), np.uint8)
    mask[2:5] = 1
    np.testing.assert_array_equal(reader.read_mask(encoded(Image.fromarray(mask)), SCHEMA)[0], mask)
    notice = reader.read_mask(encoded(Image.fromarray(mask[:, :6])), SCHEMA)[1]
    assert notice == uploads.decode_mask(encoded(Image.fromarray(mask[:, :6])), SCHEMA)[1]
    with pytest.raises(UserError, match="the file is not an image"):
        reader.read_photo(b"no image")
    np.testing.assert_array_equal(reader.read_photo(photo), pixels)


def test_face_is_found_by_the_chosen_detector(shared_data: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("dlib")
    data = (shared_data / "london" / "neutral" / "100.jpg").read_bytes()
    photo = uploads.decode_photo(data)
    reader = FileReader(detector="dlib")
    try:
        reader.prepare(detect=True)
        points, _ = reader.read_face(data, None)
    finally:
        reader.close()
    free, other = (uploads.detect_landmarks(photo, None, name) for name in ("auto", "dlib"))
    np.testing.assert_array_equal(points, other)
    assert 0 < np.abs(points - free).max() < 0.05


def test_process_that_is_lost_is_started_again(reader: FileReader) -> None:
    """As after a crash of a decoder, or if the system ends the process for want of memory."""
    photo = encoded(Image.new("RGB", (8, 8)))
    reader.read_photo(photo)
    assert reader._process is not None
    os.kill(reader._process.pid, signal.SIGKILL)
    reader._process.wait()
    assert reader.read_photo(photo).shape == (8, 8, 3)


def test_endless_file_is_given_up_and_the_next_one_is_read() -> None:
    reader = FileReader(max_cpu_seconds=1)
    with pytest.raises(UserError, match="takes too long to read"):
        reader.read_photo(endless_jpeg())
    assert reader.read_photo(encoded(Image.new("RGB", (8, 8)))).shape == (8, 8, 3)
    reader.close()


def test_close_ends_the_file_that_is_read() -> None:
    reader = FileReader()
    reader.read_photo(encoded(Image.new("RGB", (8, 8))))
    failures: list[UserError] = []

    def read() -> None:
        with pytest.raises(UserError) as error:
            reader.read_photo(endless_jpeg())
        failures.append(error.value)

    thread = Thread(target=read)
    thread.start()
    reader.close()
    thread.join()
    assert len(failures) == 1
    with pytest.raises(UserError, match="being stopped"):
        reader.read_photo(b"")


def test_memory_of_a_large_photo_is_returned(reader: FileReader) -> None:
    reader.read_photo(encoded(Image.new("RGB", (8, 8))))
    before = resident(reader)
    reader.read_photo(encoded(Image.new("RGB", (5000, 4000)), compress_level=1))  # 60 MB of pixels
    assert resident(reader) < before + 40_000_000


def resident(reader: FileReader) -> int:
    """Memory of the process in bytes; 0 if it has ended, or where there is no /proc."""
    process = reader._process
    status = Path(f"/proc/{process.pid}/statm") if process else Path("none")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if status.exists() else 0
