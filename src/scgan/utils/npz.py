"""NPZ files of unknown origin, read within bounds. No pickle."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import numpy as np
from numpy.typing import NDArray

from scgan.utils.special_files import require_regular


def read_npz(file: Path, names: Iterable[str], max_bytes: int) -> dict[str, NDArray[Any]]:
    """Read arrays of an NPZ file, after a look at their headers.

    Args:
        file: the file.
        names: of the arrays; others in the file are not read.
        max_bytes: largest accepted size of all arrays together.

    Raises:
        ValueError: it is no archive, or the arrays are of objects or larger than ``max_bytes``.
        Exception: NumPy and zipfile raise many other kinds for damaged files.
    """
    require_regular(file)
    with file.open("rb") as stream:
        if not is_zipfile(stream):  # NumPy would read it as a pickle
            raise ValueError("it is no archive")
    names, total = list(names), 0
    with ZipFile(file) as archive:
        for name in names:
            total += _size(archive, name)
    if total > max_bytes:
        raise ValueError(f"its arrays have {total:,} bytes, more than {max_bytes:,}")
    with np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in names}


def _size(archive: ZipFile, name: str) -> int:
    """Bytes that an array promises to have."""
    with archive.open(f"{name}.npy") as member:
        version = np.lib.format.read_magic(member)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(member)
    if dtype.hasobject or any(length < 0 for length in shape):
        raise ValueError(f"{name} is no array of numbers")
    return math.prod(shape) * max(dtype.itemsize, 1)
