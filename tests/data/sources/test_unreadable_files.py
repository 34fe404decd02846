"""Reasons why HDF5 and MATLAB files cannot be read."""

from __future__ import annotations

import fcntl
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import loadmat, savemat

from scgan.data.file_kinds import read_kind
from scgan.data.sources.unreadable_files import hdf5_error, mat_error


def hdf5_message(file: Path) -> str:
    with pytest.raises(OSError) as caught:
        h5py.File(file, "r")
    return str(hdf5_error(file, caught.value))


def mat_message(file: Path) -> str:
    with pytest.raises(Exception) as caught:
        loadmat(file)
    return str(mat_error(file, caught.value))


def write_hdf5(file: Path, userblock: int | None = None) -> Path:
    with h5py.File(file, "w", userblock_size=userblock) as opened:
        opened["x"] = np.ones(3)
    return file


def test_a_file_held_by_another_process(tmp_path: Path) -> None:
    file = write_hdf5(tmp_path / "a.h5")
    with file.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "is held open by another process" in hdf5_message(file)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE html><title>", "is a web page, not an HDF5 file"),
        (b"PK\x03\x04", "is an archive, not an HDF5 file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS"),
        (b"", "is empty, not an HDF5 file"),
        (b"something", "is not a readable HDF5 file"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "a.h5"
    file.write_bytes(content)
    assert reason in hdf5_message(file)


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    file = write_hdf5(tmp_path / "a.h5")
    file.write_bytes(file.read_bytes()[:-100])
    assert "is cut short" in hdf5_message(file)


def test_matlab_files(tmp_path: Path) -> None:
    new = write_hdf5(tmp_path / "new.mat", 512)
    with new.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM")
    assert "is a MATLAB 7.3 file (HDF5 inside)" in mat_message(new)
    bare = write_hdf5(tmp_path / "bare.mat")
    assert "is a MATLAB 7.3 file (HDF5 inside)" in mat_message(bare)
    page = tmp_path / "page.mat"
    page.write_text("<html>Sign in</html>")
    assert "is a web page, not a .mat file" in mat_message(page)
    old = tmp_path / "old.mat"
    savemat(old, {"x": np.ones(3)})
    kind = read_kind(old)
    assert kind and kind.name == "a MATLAB 5 file"
    old.write_bytes(old.read_bytes()[:150])
    assert "is not a readable .mat file" in mat_message(old)
