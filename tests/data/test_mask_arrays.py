"""Masks in NumPy files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photo_folder import MASK, PhotoFolder
from scgan.data.mask_arrays import open_array
from scgan.schema import IGNORED
from scgan.utils.errors import ItemError, UserError


def saved(folder: Path, array: Any) -> Path:
    np.save(folder / "mask.npy", array)
    return folder / "mask.npy"


@pytest.mark.parametrize("kind", ["uint8", "bool", "int8", "int16", "uint16", "int32", "int64", "float32", "float64"])
def test_kinds_of_numbers(kind: str, tmp_path: Path) -> None:
    array = (MASK > 0).astype(kind)
    np.testing.assert_array_equal(np.asarray(open_array(saved(tmp_path, array))), MASK > 0)


def test_an_axis_of_one(tmp_path: Path) -> None:
    for array in (MASK[None], MASK[..., None]):
        np.testing.assert_array_equal(np.asarray(open_array(saved(tmp_path, array))), MASK)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((5, 8, 8)), r"an array of float64 with the shape \(5, 8, 8\): a mask has the shape"),
        (np.zeros((8, 8), complex), "an array of complex128"),
        (np.zeros((0, 8)), r"an array of float64 with the shape \(0, 8\)"),
        (np.full((8, 8), 2**40), r"numbers beyond 32 bits \(1099511627776…1099511627776\)"),
    ],
)
def test_other_arrays_are_refused(array: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"mask\.npy (holds|has) {message}"):
        open_array(saved(tmp_path, array))


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\0v\0{'descr': '<i8'"])
def test_damaged_files_are_of_the_item(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(ItemError, match=r"a\.npy cannot be decoded"):
        open_array(tmp_path / "a.npy")
    with pytest.raises(ItemError, match=r"b\.npy is missing"):
        open_array(tmp_path / "b.npy")


def test_objects_are_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(ItemError, match="cannot be decoded"):
        open_array(saved(tmp_path, np.array([[None]], object)))


def test_a_folder_of_arrays_with_minus_one_for_ignored_pixels(data: PhotoFolder) -> None:
    mask = MASK.astype(np.int32)
    mask[:2] = -1
    for file in sorted((data.folder / "masks").iterdir()):
        file.unlink()
        np.save(file.with_suffix(".npy"), mask)
    source = data.open(ignore=("-1",), crop="pad", size=64)
    assert (source.read(0).segmentation == IGNORED).any() and source.schema.ignored
    assert "pixels with the value -1 belong to no class" in source.notes.assumptions
    with pytest.raises(UserError, match=r"has the value -1 .*`scgan prepare folder --ignore=-1` leaves them out"):
        data.open()
