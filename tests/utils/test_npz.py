"""NPZ files within bounds."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import numpy as np
import pytest

from damage import flip_byte
from scgan.utils.npz import read_npz


def promise(file: Path, shape: str, descr: str = "|u1") -> None:
    """Write an archive whose array has a header of its own choice, and a megabyte of zeros."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}".encode().ljust(118)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(2**20))


def test_the_named_arrays_are_read(tmp_path: Path) -> None:
    a, b = np.arange(6).reshape(2, 3), np.ones(2, np.float32)
    np.savez(tmp_path / "file.npz", a=a, b=b, c=a)
    arrays = read_npz(tmp_path / "file.npz", ["a", "b"], 100)
    assert arrays.keys() == {"a", "b"}
    np.testing.assert_array_equal(arrays["a"], a)
    with pytest.raises(ValueError, match="its arrays have 56 bytes, more than 55"):
        read_npz(tmp_path / "file.npz", ["a", "b"], 55)
    with pytest.raises(KeyError):
        read_npz(tmp_path / "file.npz", ["d"], 100)
    flip_byte(tmp_path / "file.npz", 180)
    with pytest.raises(BadZipFile):
        read_npz(tmp_path / "file.npz", ["a"], 100)


@pytest.mark.parametrize(
    ("shape", "descr", "reason"),
    [
        ("(9000000000000,)", "|u1", "its arrays have 9,000,000,000,000 bytes"),
        ("(3000000, 3000000, 3000000)", "<f8", "more than 1,000,000"),
        ("(-1, 2)", "|u1", "a is no array of numbers"),
        ("(1,)", "|O", "a is no array of numbers"),
    ],
)
def test_headers_that_promise_too_much(tmp_path: Path, shape: str, descr: str, reason: str) -> None:
    promise(tmp_path / "file.npz", shape, descr)
    with pytest.raises(ValueError, match=reason):
        read_npz(tmp_path / "file.npz", ["a"], 10**6)
    (tmp_path / "file.npz").write_bytes(b"text")
    with pytest.raises(ValueError, match="it is no archive"):
        read_npz(tmp_path / "file.npz", ["a"], 10**6)
