"""Prepared folders: opened, split, and refused when damaged."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scgan.data.prepared import PreparedDataset
from scgan.utils.errors import UserError

COUNT = 60


def test_a_folder_is_opened(toy_data: Path) -> None:
    dataset = PreparedDataset.open(toy_data)
    assert len(dataset) == COUNT and dataset.images.shape == (COUNT, 32, 32, 3)
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [48, 6, 6]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist: make it with `scgan prepare`"):
        PreparedDataset.open(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: np.save(path / "images.npy", np.zeros((COUNT, 32, 31, 3), np.uint8)), "images.npy holds uint8"),
        (lambda path: np.save(path / "segmentations.npy", np.zeros((3, 32, 32), np.uint8)), "asks for uint8"),
        (lambda path: (path / "images.npy").write_bytes(b"\x93NUMPY\x01\x00v"), "images.npy cannot be read"),
        (lambda path: (path / "images.npy").write_bytes(b"nonsense"), "images.npy cannot be read (the magic string"),
        (lambda path: (path / "attributes.npy").unlink(), "attributes.npy cannot be read"),
        (lambda path: (path / "dataset.json").write_text("{"), "dataset.json is damaged"),
        (lambda path: (path / "dataset.json").write_bytes(b'{"format": "\xff"}'), "dataset.json is damaged (Unicode"),
        (lambda path: rewrite(path, format=0), "dataset.json has format 0, this version of scgan reads 1"),
        (lambda path: rewrite(path, splits=["train"]), f"is damaged (it has {COUNT} names but 1 split)"),
        (lambda path: rewrite(path, splits=["exam"] * COUNT), "is damaged ('exam' is not a split)"),
        (lambda path: rewrite(path, names=list(range(COUNT))), "is damaged (a name is not text)"),
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


def rewrite(folder: Path, **changes: Any) -> None:
    file = folder / "dataset.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
