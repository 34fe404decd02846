"""Reasons why an HDF5 or MATLAB file cannot be read."""

from __future__ import annotations

import errno
from pathlib import Path

from scgan.data.file_kinds import HDF5, MATLAB_7_3, read_kind
from scgan.utils.errors import UserError


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
    kind = read_kind(file)
    if kind and kind != HDF5:
        return UserError(f"{file} is {kind.name}, not an HDF5 file: {kind.remedy}.")
    return UserError(f"{file} is not a readable HDF5 file ({text}): is the download complete?")


def mat_error(file: Path, error: Exception) -> UserError:
    """The error for a file that scipy cannot load."""
    kind = read_kind(file)
    if kind in (MATLAB_7_3, HDF5):
        return UserError(
            f"{file} is a MATLAB 7.3 file (HDF5 inside), the benchmark's is of version 5: save it in MATLAB with "
            "`save(..., '-v7')`, or get the original."
        )
    if kind and not kind.name.startswith("a MATLAB"):
        return UserError(f"{file} is {kind.name}, not a .mat file: {kind.remedy}.")
    return UserError(f"{file} is not a readable .mat file ({error}): is the download complete?")
