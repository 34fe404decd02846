"""Checksums of the arrays of a prepared folder: CRC-32 of every block, checked wholly once and in part at each opening.

A memo says which files were checked, by size, time of change and inode: until one of these changes, a sample is enough.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.utils.cache import cache_folder
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file
from scgan.utils.json_files import JsonError, read_json
from scgan.utils.progress import no_progress, progress, say
from scgan.utils.spread import spread_rows
from scgan.utils.text import counted

CHECKSUMS_FILE = "checksums.bin"
MEMO_FILE = "checked.json"
BLOCK = 2**20
"""Bytes of a block."""
SAMPLE = 4
"""Number of blocks of each file that are checked at every opening: a smaller file is checked wholly."""

_DTYPE = np.dtype("<u4")
_BLOCKS_BETWEEN_MEMOS = 512
_BLOCKS_UNSEEN = 128  # fewer take a fraction of a second, not worth a line of progress


@dataclass(frozen=True)
class Checksums:
    """Checksums of one file.

    Attributes:
        size: in bytes.
        blocks: CRC-32 of each ``BLOCK`` bytes, little-endian uint32; the last block may be shorter.
    """

    size: int
    blocks: NDArray[np.uint32]


def write_checksums(folder: Path, checksums: Mapping[str, Checksums]) -> dict[str, Any]:
    """Write checksums of the files of a prepared folder to ``checksums.bin``: one after the other in this order.

    Returns:
        What ``read_checksums`` needs, as JSON values: the size of each file, and the digest of the checksums.
    """
    content = b"".join(one.blocks.tobytes() for one in checksums.values())
    (folder / CHECKSUMS_FILE).write_bytes(content)
    sizes = {name: one.size for name, one in checksums.items()}
    return {"sizes": sizes, "sha256": hashlib.sha256(content).hexdigest()}


def read_checksums(folder: Path, values: Mapping[str, Any]) -> dict[str, Checksums]:
    """Read the checksums that ``write_checksums`` wrote.

    Raises:
        UserError: their file is missing or damaged.
        ArithmeticError, AttributeError, KeyError, TypeError, ValueError: ``values`` are none of ``write_checksums``.
    """
    sizes = {str(name): int(size) for name, size in values["sizes"].items()}
    counts = [-(-size // BLOCK) for size in sizes.values()]
    if min(counts, default=0) < 0:
        raise ValueError("a size is negative")
    file = folder / CHECKSUMS_FILE
    _require_size(file, sum(counts) * _DTYPE.itemsize)
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != values["sha256"]:
        raise _damaged(file, "it changed since it was written")
    parts = np.split(np.frombuffer(content, _DTYPE), np.cumsum(counts)[:-1])
    return {name: Checksums(size, part) for (name, size), part in zip(sizes.items(), parts, strict=True)}


def checksums_of(file: Path) -> tuple[Checksums, bytes]:
    """Checksums of a file, and its SHA-256, in one pass."""
    digest, blocks, size = hashlib.sha256(), [], 0
    for block in _read_blocks(file):
        digest.update(block)
        blocks.append(zlib.crc32(block))
        size += len(block)
    return Checksums(size, np.array(blocks, _DTYPE)), digest.digest()


def require_intact(folder: Path, checksums: Mapping[str, Checksums], recheck: bool = False) -> None:
    """Check the files of a prepared folder: wholly if they changed since they were checked, else a sample.

    A check that Ctrl-C stops continues where it stopped.

    Args:
        folder: the prepared folder.
        checksums: of its files, by their names.
        recheck: check wholly even if the memo says that nothing changed.

    Raises:
        UserError: a file is missing or damaged; says where.
    """
    for name, expected in checksums.items():
        _require_size(folder / name, expected.size)
    memo = {} if recheck else _read_memo(folder)
    done = {name: _blocks_done(folder / name, memo.get(name), len(checksums[name].blocks)) for name in checksums}
    for name, expected in checksums.items():
        _check_sample(folder / name, expected)
    total = sum(len(expected.blocks) for expected in checksums.values())
    if sum(done.values()) == total:
        return
    try:
        _check_wholly(folder, checksums, done, total)
    finally:
        remember_checked(folder, done)


def _check_wholly(folder: Path, checksums: Mapping[str, Checksums], done: dict[str, int], total: int) -> None:
    """Check all blocks that are not ``done`` yet; counts them there."""
    shown = progress(f"check {folder}", total, sum(done.values())) if total > _BLOCKS_UNSEEN else no_progress()
    with shown as advance:
        for name, expected in checksums.items():
            for place, block in enumerate(_read_blocks(folder / name, done[name]), done[name]):
                _require_block(folder / name, expected, place, block)
                done[name] = place + 1
                advance(1, "")
                if done[name] % _BLOCKS_BETWEEN_MEMOS == 0:
                    remember_checked(folder, done)


def remember_checked(folder: Path, done: Mapping[str, int]) -> None:
    """Write how many blocks of each file were checked, beside the files, else into the user's cache."""
    files = {name: [*_state(folder / name), blocks] for name, blocks in done.items() if (folder / name).exists()}
    for file in _memo_files(folder):
        with suppress(OSError, UserError), atomic_file(file) as partial:
            partial.write_text(json.dumps(files), encoding="utf-8")
            return
    say(f"{folder} will be checked again at its next opening: neither it nor the cache can be written.")


def _read_memo(folder: Path) -> dict[str, Any]:
    for file in _memo_files(folder):
        with suppress(JsonError):
            memo = read_json(file, BLOCK)
            if isinstance(memo, dict):
                return memo
    return {}


def _memo_files(folder: Path) -> Iterator[Path]:
    yield folder / MEMO_FILE
    yield cache_folder("checked") / f"{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:32]}.json"


def _state(file: Path) -> list[int]:
    status = file.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def _blocks_done(file: Path, entry: Any, count: int) -> int:
    """Number of blocks that were checked, by the memo's entry for the file, since the file last changed."""
    if not isinstance(entry, list) or entry[:-1] != _state(file) or not isinstance(entry[-1], int):
        return 0
    return entry[-1] if 0 <= entry[-1] <= count else 0


def _require_size(file: Path, expected: int) -> None:
    try:
        size = file.stat().st_size
    except OSError as error:
        raise _damaged(file, error.strerror or str(error)) from error
    if size != expected:
        raise _damaged(file, f"it has {counted(size, 'byte')} instead of {expected:,}")


def _check_sample(file: Path, expected: Checksums) -> None:
    """Check the first block, the last one, and some between."""
    for place in spread_rows(len(expected.blocks), SAMPLE):
        _require_block(file, expected, int(place), next(_read_blocks(file, int(place)), b""))


def _require_block(file: Path, expected: Checksums, place: int, block: bytes) -> None:
    if place >= len(expected.blocks) or zlib.crc32(block) != expected.blocks[place]:
        first = place * BLOCK
        raise _damaged(file, f"a byte between {first:,} and {first + max(len(block), 1) - 1:,} changed")


def _read_blocks(file: Path, start: int = 0) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            stream.seek(start * BLOCK)
            while block := stream.read(BLOCK):
                yield block
    except OSError as error:
        raise _damaged(file, error.strerror or str(error)) from error


def _damaged(file: Path, reason: str) -> UserError:
    return UserError(
        f"{file} is damaged ({reason}): prepare the data again with --overwrite, or copy the folder again."
    )
