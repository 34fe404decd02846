"""Attributes from a table (CSV): binary columns, numbers from 0 to 1, and categories."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import SPLITS
from scgan.utils.errors import UserError
from scgan.utils.text import join_names, read_text

_YES_OR_NO = ({"no": 0.0, "yes": 1.0}, {"false": 0.0, "true": 1.0}, {"n": 0.0, "y": 1.0}, {"f": 0.0, "t": 1.0})
_SPLIT_NAMES = {"val": "validation", "valid": "validation", "dev": "validation"} | {name: name for name in SPLITS}
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
# A column with more different words than this holds names or sentences.
_MAX_CATEGORIES = 64


@dataclass(frozen=True)
class AttributeTable:
    """Attributes and splits of the items of a source.

    Attributes:
        names: names of the attributes; a category has one for each value, ``column=value``.
        groups: names of the attributes of each category.
        values: float32 (N, n_attributes) in [0, 1]; an empty cell is 0, in a category all zeros.
        splits: N splits, or None where the table has no column ``split``.
        warnings: empty cells, and values that a merge does not name.
    """

    names: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    values: NDArray[np.float32]
    splits: list[str] | None
    warnings: list[str]


def read_attribute_table(
    file: Path,
    items: Sequence[str],
    columns: Sequence[str] | None = None,
    merged: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
) -> AttributeTable:
    """Read the attributes of ``items`` from a table with one row for each.

    The column ``file``, else the first one, names the item, with or without the file's suffix. The optional column
    ``split`` is train, validation or test. A column is binary where it holds 0/1, -1/1, yes/no, true/false, y/n or
    t/f; numbers from 0 to 1 are taken as they are; words and other whole numbers are categories. Columns of numbers
    named ``color=red``, ``color=blue`` are the values of one category, one-hot.

    Args:
        file: CSV (comma, semicolon or tab), UTF-8, with a header.
        items: names of the items, without suffix.
        columns: columns that become attributes, in this order; all by default.
        merged: column → new value → old values that it joins; a value that is in none becomes all zeros.

    Raises:
        UserError: a row is missing, double or unknown; a column is unknown, mixes numbers and words, or has too many
            different values; an item has two values of one category; or a number or the name of an attribute has a
            comma.
    """
    merged = merged or {}
    header, rows = _read_rows(file)
    key = "file" if "file" in header else header[0]
    available = [name for name in header if name not in (key, "split")]
    chosen = available if columns is None else list(columns)
    for name in [*chosen, *merged]:
        if name not in available:
            raise UserError(f"{file} has no column {name!r}; it has {join_names(available)}.")
    cells = _in_order_of(items, file, rows, key)
    parts = [_read_column(file, name, [row[name] for row in cells], items, merged.get(name)) for name in chosen]
    names = [name for part in parts for name in part.names]
    for name in names:
        if "," in name:
            raise UserError(f"{file}: attribute {name!r} has a comma, at which --attributes would part it: rename it.")
    values = np.concatenate([np.zeros((len(items), 0), np.float32), *(part.values for part in parts)], axis=1)
    groups = [tuple(part.names) for part in parts if part.is_category]
    groups += _one_hot_columns(names, groups, values, items, file)
    splits = [_split(row["split"], row[key], file) for row in cells] if "split" in header else None
    warnings = [warning for part in parts for warning in part.warnings]
    return AttributeTable(tuple(names), tuple(groups), values, splits, warnings)


class _Column(NamedTuple):
    """The attributes of one column: names, float32 (N, n_names), and warnings."""

    names: list[str]
    values: NDArray[np.float32]
    is_category: bool
    warnings: list[str]


def _read_column(
    file: Path, name: str, cells: list[str], items: Sequence[str], merge: Mapping[str, Sequence[str]] | None
) -> _Column:
    where = f"{file}, column {name}"
    warnings = []
    empty = cells.count("")
    if empty:
        warnings.append(f"{file}: {empty} of {len(items)} cells of column {name} are empty, taken as zeros")
    if merge is not None:
        new_values = {old: new for new, olds in merge.items() for old in olds}
        unnamed = sorted(set(cells) - set(new_values) - {""})
        if unnamed:
            warnings.append(f"{where}: values that the merge does not name are taken as zeros: {join_names(unnamed)}")
        cells, categories = [new_values.get(cell, "") for cell in cells], list(merge)
    elif (numbers := _numbers(cells, items, where)) is not None:
        return _Column([name], np.array(numbers, np.float32)[:, None], False, warnings)
    else:
        categories = _categories(cells, where)
    one_hot = np.array([[cell == category for category in categories] for cell in cells], np.float32)
    return _Column([f"{name}={category}" for category in categories], one_hot, True, warnings)


def _one_hot_columns(
    names: list[str], groups: list[tuple[str, ...]], values: NDArray[np.float32], items: Sequence[str], file: Path
) -> list[tuple[str, ...]]:
    """Groups of columns ``color=red``, ``color=blue``: categories that the table has in one-hot form."""
    grouped = {name for group in groups for name in group}
    members: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if "=" in name and name not in grouped:
            members.setdefault(name.partition("=")[0], []).append(index)
    categories = [indices for indices in members.values() if len(indices) > 1]
    for indices in categories:
        for item in np.flatnonzero(values[:, indices].sum(axis=1) > 1 + 1e-6)[:1]:
            raise UserError(
                f"{file}: {join_names(names[index] for index in indices)} exclude each other, but for {items[item]} "
                f"their sum is {values[item, indices].sum():g}."
            )
    return [tuple(names[index] for index in indices) for indices in categories]


def _read_rows(file: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The header, and the rows with their line numbers."""
    lines = read_text(file).splitlines(keepends=True)
    if len(lines) < 2:
        raise UserError(f"{file} has no rows: a header and one row for each item are expected.")
    delimiter = max(",;\t", key=lines[0].count)
    numbered = _numbered_rows(file, lines, delimiter)
    header = [cell.strip() for cell in next(numbered)[1]]
    for name in header:
        if not name or header.count(name) > 1:
            raise UserError(f"{file}: the header has {'a column without a name' if not name else f'{name!r} twice'}.")
    rows = []
    for line, cells in numbered:
        if not cells:
            continue
        if len(cells) != len(header):
            raise UserError(f"{file}, line {line} has {len(cells)} cells, the header has {len(header)}.")
        rows.append((line, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    return header, rows


def _numbered_rows(file: Path, lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Cells of each row, with the number of the line in which the row begins."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UserError(f'{file}, line {line} is not a row ({error}): look for a " that is not closed.') from error
        yield line, cells


def _in_order_of(
    items: Sequence[str], file: Path, rows: list[tuple[int, dict[str, str]]], key: str
) -> list[dict[str, str]]:
    """The row of each item, in the order of ``items``."""
    item_names = set(items)
    row_of: dict[str, dict[str, str]] = {}
    unknown = []
    for line, row in rows:
        name = row[key] if row[key] in item_names else Path(row[key]).stem
        if name not in item_names:
            unknown.append(f"{row[key]!r} (line {line})")
        elif name in row_of:
            raise UserError(f"{file}, line {line}: {row[key]} has a second row.")
        row_of[name] = row
    if unknown:
        raise UserError(
            f"{file} has rows for items that are not there: {join_names(unknown)}; column {key!r} names the item."
        )
    missing = [name for name in items if name not in row_of]
    if missing:
        raise UserError(f"{file} has no row for {join_names(missing)}; column {key!r} names the item.")
    return [row_of[name] for name in items]


def _numbers(column: list[str], items: Sequence[str], where: str) -> list[float] | None:
    """The cells as numbers in [0, 1] (empty: 0), or None where the column holds categories."""
    for cell, item in zip(column, items, strict=True):
        if _DECIMAL_COMMA.fullmatch(cell):
            raise UserError(f"{where} has {cell!r} for {item}: write numbers with a point.")
    filled = [cell.lower() for cell in column if cell]
    for words in _YES_OR_NO:
        if filled and set(filled) <= set(words):
            return [words[cell.lower()] if cell else 0.0 for cell in column]
    numbers = [_number(cell) for cell in filled]
    valid = [number for number in numbers if number is not None]
    if not valid:
        return None
    if len(valid) < len(filled):
        slip_is_word = 2 * len(valid) >= len(filled)  # the rarer kind is the slip
        slip = next(index for index, cell in enumerate(column) if cell and (_number(cell) is None) == slip_is_word)
        raise UserError(
            f"{where} has {column[slip]!r} for {items[slip]} among {'numbers' if slip_is_word else 'words'}: write "
            "only one of them."
        )
    if set(valid) <= {-1, 1}:
        return [float(_number(cell) == 1) for cell in column]
    if min(valid) >= 0 and max(valid) <= 1:
        return [float(cell) if cell else 0.0 for cell in column]
    if all(number.is_integer() for number in valid):
        return None
    raise UserError(
        f"{where} has numbers from {min(valid):g} to {max(valid):g}: scale them to lie between 0 and 1, or write "
        "categories as words."
    )


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _categories(column: list[str], where: str) -> list[str]:
    values = set(column) - {""}
    if not values:
        raise UserError(f"{where} has nothing but empty cells: leave it out by naming the others in --columns.")
    if len(values) > _MAX_CATEGORIES:
        raise UserError(
            f"{where} has {len(values)} different values, more than {_MAX_CATEGORIES}: it is not a category; leave it "
            "out by naming the others in --columns, or join values with --merge."
        )
    return sorted(values, key=lambda value: (_number(value) or 0.0, value))


def _split(cell: str, name: str, file: Path) -> str:
    split = _SPLIT_NAMES.get(cell.lower())
    if split is None:
        raise UserError(f"{file}: {name} has split {cell!r}; expected is train, validation or test.")
    return split
