"""Files of CelebA and of the data sets made from it: lists of attributes and splits, folders of photos."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import SUFFIXES
from scgan.data.tables.table_text import read_table_text
from scgan.data.tables.text_table import read_text_table
from scgan.utils.errors import UserError
from scgan.utils.text import counted, did_you_mean, join_names

_KEYS = ("file", "image_id", "image", "filename", "file_name")
_YES, _NO = ("1", "1.0"), ("-1", "-1.0", "0", "0.0")


def find_list(folder: Path, name: str) -> Path | None:
    """A list of CelebA: ``NAME.txt`` as published, or ``NAME.csv``; in the folder, or in ``Anno`` or ``Eval``."""
    for suffix in (".txt", ".csv"):
        for place in (folder, folder / "Anno", folder / "Eval"):
            if (file := place / f"{name}{suffix}").is_file():
                return file
    return None


def find_photos(folder: Path, names: Sequence[str]) -> Path | None:
    """The first of the folders with these names that has photos, also where it is nested in one of its own name."""
    for name in names:
        for place in (folder / name, folder / name / name, folder / "Img" / name):
            if place.is_dir() and photo_files(place):
                return place
    return None


def photo_files(photos: Path) -> dict[str, str]:
    """Name without suffix → name, of each photo of a folder. Hidden files are left out."""
    names = sorted(name for name in os.listdir(photos) if not name.startswith("."))
    return {os.path.splitext(name)[0]: name for name in names if name.lower().endswith(SUFFIXES)}


def read_attributes(table: Path, attributes: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
    """Names of the photos, and float32 (N, n_attributes), 0 or 1, of a list of attributes.

    Raises:
        UserError: the list is damaged, a photo occurs twice, an attribute is unknown, or a value is neither 1 nor -1.
    """
    content = read_text_table(table)
    key = next((name for name in content.header if name.lower() in _KEYS), content.header[0])
    known = [name for name in content.header if name and name != key]
    for name in attributes:
        if name not in known:
            choice = did_you_mean(name, known, f"{table} has {join_names(known)}.")
            raise UserError(f"unknown attribute {name!r}; {choice}")
    rows: dict[str, list[int]] = {}
    for number, row in content.rows:
        _require_new(row[key], rows, table, number)
        for name in attributes:
            if row[name] not in _YES + _NO:
                raise UserError(f"{table}, line {number}: {name} is {row[name]!r}, neither 1 nor -1.")
        rows[row[key]] = [int(row[name] in _YES) for name in attributes]
    for name in attributes:
        if {"-1", "0"} <= {row[name].removesuffix(".0") for _, row in content.rows}:
            raise UserError(f"{table}: {name} has -1 and 0: one of them may mean unknown; write 1 and -1 only.")
    return list(rows), np.array(list(rows.values()), np.float32).reshape(len(rows), len(attributes))


def read_column(table: Path, names: Sequence[str]) -> list[str]:
    """The second column of a table of two, in the order of ``names``; a first line of names is left out.

    Raises:
        UserError: a line has more or fewer columns, or a name is missing or occurs twice.
    """
    values: dict[str, str] = {}
    lines = [line.strip() for line in read_table_text(table).split("\n")]
    for number, line in enumerate(lines, start=1):
        cells = re.split(r"[,;\s]+", line)
        if not line or (number == 1 and cells[0].lower() in _KEYS):
            continue
        if len(cells) != 2:
            raise UserError(f"{table}, line {number} has {counted(len(cells), 'column')}, 2 are expected.")
        _require_new(cells[0], values, table, number)
        values[cells[0]] = cells[1]
    missing = [name for name in names if name not in values]
    if missing:
        raise UserError(f"{table} has no row for {join_names(missing)}.")
    return [values[name] for name in names]


def _require_new(name: str, rows: dict[str, Any], table: Path, number: int) -> None:
    if name in rows:
        raise UserError(f"{table}, line {number}: {name} occurs a second time.")
