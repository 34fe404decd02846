"""Prepared folders: opened, split, and refused when damaged."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from damage import flip_byte, reseal_dataset
from scgan.data.prepared import PreparedDataset
from scgan.utils.errors import UserError

COUNT = 60
PROMISE = b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '|u1', 'fortran_order': False, 'shape': (9000000000000,), }".ljust(
    118
)
"""Header of an array of nine terabytes."""


def test_a_folder_is_opened(toy_data: Path) -> None:
    dataset = PreparedDataset.open(toy_data)
    assert len(dataset) == COUNT and dataset.images.shape == (COUNT, 32, 32, 3)
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [48, 6, 6]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist: make it with `scgan prepare`"):
        PreparedDataset.open(tmp_path / "nowhere")


def forged(change: Callable[[Path], object]) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        change(folder)
        reseal_dataset(folder)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (forged(lambda path: np.save(path / "images.npy", np.zeros((COUNT, 32, 31, 3), np.uint8))), "images.npy holds"),
        (forged(lambda path: np.save(path / "segmentations.npy", np.zeros((3, 32, 32), np.uint8))), "asks for uint8"),
        (forged(lambda path: (path / "images.npy").write_bytes(b"\x93NUMPY\x01\x00v")), "images.npy cannot be read"),
        (
            forged(lambda path: (path / "images.npy").write_bytes(b"nonsense")),
            "images.npy cannot be read (the magic",
        ),
        (forged(lambda path: (path / "images.npy").write_bytes(PROMISE)), "images.npy cannot be read"),
        (forged(lambda path: (path / "attributes.npy").unlink()), "dataset.json is damaged (KeyError('checksums'))"),
        (lambda path: (path / "attributes.npy").unlink(), "attributes.npy is damaged (No such file or directory)"),
        (
            lambda path: (path / "images.npy").write_bytes(b"no"),
            "images.npy is damaged (it has 2 bytes instead of 184",
        ),
        (
            lambda path: flip_byte(path / "segmentations.npy", 9999),
            "(a byte between 0 and 61,695 changed): prepare",
        ),
        (lambda path: (path / "dataset.json").write_text("{"), "dataset.json is damaged (not JSON"),
        (lambda path: (path / "dataset.json").write_text("[" * 100_000), "dataset.json is damaged (nested too deep"),
        (lambda path: (path / "dataset.json").write_bytes(b'{"format": "\xff"}'), "is damaged (not UTF-8 text at byte"),
        (
            lambda path: flip_byte(path / "dataset.json", 40, 1),
            "dataset.json is damaged (changed since it was",
        ),
        (lambda path: reseal_dataset(path, format=2), "dataset.json has format 2, this version of scgan reads 3: prep"),
        (lambda path: reseal_dataset(path, splits={"train": 60}), "dataset.json is damaged (KeyError('validation'))"),
        (
            lambda path: reseal_dataset(path, splits={"train": 61, "validation": -7, "test": 6}),
            "split_rows.npy is damaged ({'train': 61, 'validation': -7, 'test': 6} are not the splits of 60 items)",
        ),
        (
            forged(lambda path: np.save(path / "split_rows.npy", np.arange(COUNT)[::-1].copy())),
            "split_rows.npy is damaged (its rows are not in order)",
        ),
        (
            forged(lambda path: np.save(path / "split_rows.npy", np.arange(COUNT) + 1)),
            "split_rows.npy is damaged (its rows are not in order)",
        ),
        (forged(lambda path: np.save(path / "name_ends.npy", np.full(COUNT, 9))), "names.npy holds uint8 (600,), data"),
        (lambda path: (path / "checksums.bin").unlink(), "checksums.bin is damaged (No such file or directory)"),
        (lambda path: flip_byte(path / "checksums.bin", 0), "checksums.bin is damaged (it changed since it was writt"),
        (lambda path: flip_byte(path / "names.npy", 300), "names.npy is damaged (a byte between 0 and 727 changed)"),
        (lambda path: (path / "dataset.json").unlink(), "is not a prepared folder"),
    ],
)
def test_a_damaged_folder_is_refused(
    tmp_path: Path, toy_data: Path, spoil: Callable[[Path], object], message: str
) -> None:
    broken = tmp_path / "copy"
    shutil.copytree(toy_data, broken)
    spoil(broken)
    with pytest.raises(UserError, match=re.escape(message)):
        PreparedDataset.open(broken)
