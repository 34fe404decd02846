"""Attributes and splits of the items of a source, from a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scgan.data.tables.columns import Column, ColumnRules, read_column
from scgan.data.tables.rows import match_rows
from scgan.data.tables.split_column import find_split_column, read_splits
from scgan.data.tables.text_table import UNNAMED, TextTable, read_text_table
from scgan.utils.errors import UserError
from scgan.utils.text import join_names

Unknown = Literal["zero", "skip"]

_BECOME: dict[Unknown, str] = {"zero": "taken as 0 (--unknown skip leaves their items out)", "skip": "skipped"}


@dataclass(frozen=True)
class AttributeTable:
    """Attributes and splits of the items of a source.

    Attributes:
        names: names of the attributes; a category has one for each value, ``column=value``.
        groups: names of the attributes of each category.
        values: float32 (N, n_attributes) in [0, 1]; an unknown value is 0, in a category all zeros.
        splits: N splits, or None where the table has no column of splits.
        unusable: item → reason why it cannot be used: it has no row, or an unknown value that is to be skipped.
        unknown_values: number of unknown values of each column that has any.
        unknown_become: what becomes of them.
        rows_without_photo: names of the rows that no item belongs to.
        assumptions: sentences about what was assumed.
    """

    names: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    values: NDArray[np.float32]
    splits: list[str] | None
    unusable: dict[str, str] = field(default_factory=dict)
    unknown_values: dict[str, int] = field(default_factory=dict)
    unknown_become: str = ""
    rows_without_photo: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableOptions:
    """Options of the person who prepares the data.

    Attributes:
        columns: columns that become attributes, in this order; None for all.
        split_column: column of splits; by default found by its name or its values.
        unknown: what becomes of unknown values: zero, or the item is skipped.
        rules: decisions about columns.
    """

    columns: Sequence[str] | None = None
    split_column: str | None = None
    unknown: Unknown = "zero"
    rules: ColumnRules = field(default_factory=ColumnRules)


def read_attribute_table(file: Path, items: Sequence[str], options: TableOptions) -> AttributeTable:
    """Read the attributes of ``items`` from a table with one row for each.

    A column is binary where it holds 0/1, -1/1, yes/no, true/false, y/n or t/f; numbers from 0 to 1 are taken as they
    are; words and other whole numbers are categories. Columns of numbers named ``color=red``, ``color=blue`` are the
    values of one category, one-hot.

    Args:
        file: CSV with a header, or a list of CelebA.
        items: names of the items, without suffix.
        options: the choice of columns, and the meaning of their values.

    Raises:
        UserError: the file is no table; no row names an item, or two name the same one; a column is unknown, mixes
            numbers and words, or has too many different values; an item has two values of one category; or the name of
            an attribute has a comma.
    """
    table = read_text_table(file)
    matched = match_rows(table, items)
    split_column = find_split_column(table, matched.key, options.columns, options.split_column)
    available = [name for name in table.header if name not in (matched.key, split_column, UNNAMED)]
    counting = [name for name in available if options.columns is None and _counts_rows(table.column(name))]
    available = [name for name in available if name not in counting]
    chosen = available if options.columns is None else list(options.columns)
    for name in [*chosen, *options.rules.merged, *options.rules.categories]:
        if name not in available:
            raise UserError(f"{file} has no column {name!r}; it has {join_names(available)}.")
    nothing = (
        [] if chosen or split_column else [f"{file.name} has no column but the names of the photos: no attributes"]
    )
    rows = {item: matched.rows[item] for item in items if item in matched.rows}
    columns = {
        name: read_column(str(file), name, [row[name] for row in rows.values()], list(rows), options.rules)
        for name in chosen
    }
    names, groups, values = _joined(file, columns, list(rows))
    all_values = np.zeros((len(items), len(names)), np.float32)
    all_values[[item in rows for item in items]] = values
    splits, assumptions = _splits(table, split_column, matched.key, rows, items)
    unusable = {item: f"{file.name} has no row for it" for item in items if item not in rows}
    if options.unknown == "skip":
        unusable |= _with_unknown(columns, list(rows))
    return AttributeTable(
        names=names,
        groups=groups,
        values=all_values,
        splits=splits,
        unusable=unusable,
        unknown_values={name: int(column.unknown.sum()) for name, column in columns.items() if column.unknown.any()},
        unknown_become=_BECOME[options.unknown],
        rows_without_photo=matched.without_item,
        assumptions=(
            *matched.assumptions,
            *(text for column in columns.values() for text in column.assumptions),
            *assumptions,
            *nothing,
            *(f"column {name} of {file.name} counts the rows and is left out" for name in counting),
        ),
    )


def _counts_rows(cells: Sequence[str]) -> bool:
    """True for 0, 1, 2, … and 1, 2, 3, …, the numbers of rows."""
    counts = [[str(start + index) for index in range(len(cells))] for start in (0, 1)]
    return len(cells) > 2 and list(cells) in counts


def _joined(
    file: Path, columns: dict[str, Column], items: Sequence[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], NDArray[np.float32]]:
    """Names, groups and values of the attributes of all columns."""
    names = [name for column in columns.values() for name in column.names]
    for name in names:
        if "," in name:
            raise UserError(f"{file}: attribute {name!r} has a comma, at which --attributes would part it: rename it.")
    empty = np.zeros((len(items), 0), np.float32)
    values = np.concatenate([empty, *(column.values for column in columns.values())], axis=1)
    groups = [tuple(column.names) for column in columns.values() if column.is_category]
    groups += _one_hot_columns(names, groups, values, items, file)
    return tuple(names), tuple(groups), values


def _splits(
    table: TextTable, column: str | None, key: str, rows: Mapping[str, Mapping[str, str]], items: Sequence[str]
) -> tuple[list[str] | None, list[str]]:
    """The split of each item (None without a column of splits), and sentences about what was assumed."""
    if column is None:
        return None, []
    cells, names = [row[column] for row in rows.values()], [row[key] for row in rows.values()]
    splits, assumption = read_splits(table, column, cells, names)
    split_of = dict(zip(rows, splits, strict=True))
    return [split_of.get(item, "train") for item in items], [assumption] if assumption else []  # the others are skipped


def _with_unknown(columns: dict[str, Column], items: Sequence[str]) -> dict[str, str]:
    """Items that have an unknown value, and the reason to skip them."""
    unusable: dict[str, str] = {}
    for name, column in columns.items():
        for index in np.flatnonzero(column.unknown).tolist():
            unusable.setdefault(items[index], f"its value of column {name} is unknown")
    return unusable


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
