"""Checksums of prepared folders: what is checked wholly, what in part, and when."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest

from damage import flip_byte, reseal_dataset
from scgan.cli import main
from scgan.data import checksums
from scgan.data.checksums import BLOCK, Checksums, checksums_of
from scgan.data.prepared import PreparedDataset
from scgan.utils.errors import UserError


@pytest.fixture
def data(toy_data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toy_data, tmp_path / "data"))


@pytest.fixture
def large(data: Path) -> Path:
    """Prepared folder whose ``extra.npy`` has 9 blocks, of which a sample omits the second."""
    (data / "extra.npy").write_bytes(bytes(9 * checksums.BLOCK - 5))
    reseal_dataset(data)
    PreparedDataset.open(data)
    return data


def flip_unnoticed(file: Path, place: int) -> None:
    """Flip a byte as a failing disk does: neither size nor times change."""
    times = file.stat().st_mtime_ns
    flip_byte(file, place)
    os.utime(file, ns=(times, times))


def test_checksums_of_a_file(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000  # 1,280,000 bytes
    (tmp_path / "file").write_bytes(content)
    found, _ = checksums_of(tmp_path / "file")
    assert (found.size, *found.blocks) == (1_280_000, zlib.crc32(content[: 2**20]), zlib.crc32(content[2**20 :]))


def test_checksums_are_written_and_read(tmp_path: Path) -> None:
    written = {"a": Checksums(BLOCK + 1, np.array([3, 2**32 - 1], "<u4")), "b": Checksums(5, np.array([7], "<u4"))}
    values = json.loads(json.dumps(checksums.write_checksums(tmp_path, written)))
    assert (tmp_path / "checksums.bin").stat().st_size == 12
    read = checksums.read_checksums(tmp_path, values)
    assert {name: (one.size, *one.blocks) for name, one in read.items()} == {
        "a": (BLOCK + 1, 3, 2**32 - 1),
        "b": (5, 7),
    }


def test_a_small_file_is_checked_at_every_opening(data: Path) -> None:
    for name in ("images", "segmentations", "attributes", "landmarks"):
        flip_unnoticed(data / f"{name}.npy", 1000)
        with pytest.raises(UserError, match=rf"{name}\.npy is damaged \(a byte between 0 and .* changed\): prepare"):
            PreparedDataset.open(data)
        flip_unnoticed(data / f"{name}.npy", 1000)
    PreparedDataset.open(data)


def test_a_changed_file_is_checked_wholly(large: Path) -> None:
    flip_byte(large / "extra.npy", checksums.BLOCK + 7)
    with pytest.raises(UserError, match="a byte between 1,048,576 and 2,097,151 changed"):
        PreparedDataset.open(large)
    flip_byte(large / "extra.npy", checksums.BLOCK + 7)
    PreparedDataset.open(large)


def test_inspect_checks_wholly_what_did_not_seem_to_change(large: Path, capfd: pytest.CaptureFixture[str]) -> None:
    flip_unnoticed(large / "extra.npy", checksums.BLOCK + 7)
    PreparedDataset.open(large)
    assert main(["inspect", str(large)]) == 2
    assert "extra.npy is damaged (a byte between 1,048,576" in capfd.readouterr().err
    with pytest.raises(UserError, match=r"extra\.npy is damaged"):  # now it is known
        PreparedDataset.open(large)


def test_a_stopped_check_continues(large: Path, capfd: pytest.CaptureFixture[str]) -> None:
    memo = large / "checked.json"
    states = json.loads(memo.read_text())
    assert states["extra.npy"][-1] == 9
    states["extra.npy"][-1] = 6  # as Ctrl-C leaves it
    memo.write_text(json.dumps(states))
    flip_unnoticed(large / "extra.npy", checksums.BLOCK + 7)
    PreparedDataset.open(large)  # blocks 6 to 8 only
    assert json.loads(memo.read_text()) == {**states, "extra.npy": [*states["extra.npy"][:-1], 9]}


@pytest.mark.parametrize("memo", ["", "[]", "{}", '{"extra.npy": 3}', '{"extra.npy": [1, 2, 3, "9"]}', "[" * 99_999])
def test_a_damaged_memo_counts_as_none(large: Path, memo: str) -> None:
    flip_unnoticed(large / "extra.npy", checksums.BLOCK + 7)
    (large / "checked.json").write_text(memo)
    with pytest.raises(UserError, match=r"extra\.npy is damaged"):
        PreparedDataset.open(large)


def test_a_folder_that_takes_no_memo_has_it_in_the_cache(large: Path) -> None:
    (large / "checked.json").unlink()
    (large / "checked.json").mkdir()
    PreparedDataset.open(large)
    flip_unnoticed(large / "extra.npy", checksums.BLOCK + 7)
    PreparedDataset.open(large)  # by the memo in the cache, only a sample was checked
