"""Reasons why an HDF5 or MATLAB file cannot be read."""

from __future__ import annotations

import errno
from pathlib import Path

from scgan.utils.errors import UserError

_HDF5_MARK = b"\x89HDF\r\n\x1a\n"
_HDF5_STARTS = (0, 512, 1024, 2048)  # the mark may follow a block of the user's, as in MATLAB 7.3


def hdf5_error(file: Path, error: OSError) -> UserError:
    """The error for a file that h5py cannot open."""
    text = str(error)
    if error.errno in (errno.EAGAIN, errno.EACCES) and "lock" in text:
        return UserError(
            f"{file} is held open by another process, which may be writing to it: close that program, or prepare a "
            "copy of the file."
        )
    if "already open for write" in text or "file consistency flags" in text:
        return UserError(
            f"{file} was not closed by the program that wrote it, or still is open there: close that program, or clear "
            "the mark with `h5clear -s`."
        )
    if error.errno in (errno.EACCES, errno.EPERM) or isinstance(error, PermissionError):
        return UserError(f"{file} may not be read by you: change its permissions.")
    if "truncated" in text:
        return UserError(f"{file} is cut short: the download is not complete, get it again.")
    kind = file_kind(file)
    if kind and kind != "HDF5":
        return UserError(f"{file} is {kind}, not an HDF5 file: get the file again.")
    return UserError(f"{file} is not a readable HDF5 file ({text}): is the download complete?")


def mat_error(file: Path, error: Exception) -> UserError:
    """The error for a file that scipy cannot load."""
    kind = file_kind(file)
    if kind in ("a MATLAB 7.3 file", "HDF5"):
        return UserError(
            f"{file} is a MATLAB 7.3 file (HDF5 inside), the benchmark's is of version 5: save it in MATLAB with "
            "`save(..., '-v7')`, or get the original."
        )
    if kind and not kind.startswith("a MATLAB"):
        return UserError(f"{file} is {kind}, not a .mat file: get the file again.")
    return UserError(f"{file} is not a readable .mat file ({error}): is the download complete?")


def file_kind(file: Path) -> str:
    """Kind of a file by its first bytes, for a message; "" if they say nothing."""
    try:
        with file.open("rb") as opened:
            start = opened.read(4096)
    except OSError:
        return ""
    if not start:
        return "empty"
    if start.startswith(b"MATLAB 7.3"):
        return "a MATLAB 7.3 file"
    if any(start[place : place + len(_HDF5_MARK)] == _HDF5_MARK for place in _HDF5_STARTS):
        return "HDF5"
    if start.startswith(b"MATLAB 5"):
        return "a MATLAB 5 file"
    if start.lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        return "a web page"
    if start.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        return "an archive"
    return "a pointer of Git LFS" if start.startswith(b"version https://git-lfs") else ""
