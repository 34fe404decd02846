"""Rows of a table and the items that they belong to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scgan.data.images import SUFFIXES
from scgan.data.names import RULES, NameFinder
from scgan.data.tables.cells import KEYS
from scgan.data.tables.text_table import UNNAMED, TextTable
from scgan.utils.errors import UserError
from scgan.utils.text import counted

# A long number as spreadsheets show it.
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)


class MatchedRows(NamedTuple):
    """Rows of the items.

    Attributes:
        key: column that names the item.
        rows: item → its cells by column; an item without a row is not there.
        without_item: names of the rows that no item belongs to.
        assumptions: sentences about the key and the rules by which names were matched.
    """

    key: str
    rows: Mapping[str, Mapping[str, str]]
    without_item: tuple[str, ...]
    assumptions: list[str]


def match_rows(table: TextTable, items: Sequence[str]) -> MatchedRows:
    """Find the row of each item.

    The column ``file``, else the one whose cells name most items as files, else the first one, is the key.

    Raises:
        UserError: no row names an item, or two name the same one.
    """
    finder = NameFinder(items)
    key = _key(table, finder)
    _require_header(table, key, finder)
    rows: dict[str, Mapping[str, str]] = {}
    without_item, rules = [], Counter[str]()
    for line, row in table.rows:
        if _SCIENTIFIC.fullmatch(row[key]) and row[key] not in items:
            raise UserError(
                f"{table.file}, line {line}: {row[key]} is a number that a spreadsheet shortened, its digits are lost: "
                f"make {key or 'the first column'} a column of text, and export the table again."
            )
        match = finder.find(row[key])
        if match is None:
            without_item.append(row[key])
            continue
        item, rule = match
        if item in rows:
            raise UserError(f"{table.file}, line {line}: {row[key]} has a second row: keep one.")
        rows[item] = row
        rules[rule] += 1
    if not rows:
        raise UserError(
            f"no row of {table.file} names a photo: its {_described(key)} has {without_item[0]!r}, the first photo is "
            f"called {items[0]!r}; name the photos in a column called file."
        )
    assumptions = [
        f"{counted(count, 'row')} of {table.file.name} matched to photos {RULES[rule]}"
        for rule in ("case", "zeros")
        if (count := rules[rule])
    ]
    if key != table.header[0] and key.lower() != "file":
        assumptions.append(f"column {key} of {table.file.name} names the photo")
    if UNNAMED in table.header and key != UNNAMED:
        assumptions.append(f"the column of {table.file.name} without a name numbers the rows and is left out")
    return MatchedRows(key, rows, tuple(without_item), assumptions)


def _require_header(table: TextTable, key: str, finder: NameFinder) -> None:
    """Check that the first line is a header, and that the cells are separated.

    Raises:
        UserError: the first line names a photo, or the only column has words with spaces between.
    """
    if key.lower() not in KEYS and finder.find(key):
        raise UserError(
            f"{table.file} has no header, its first line is of the photo {key}: put the names of the columns above it, "
            "as in file,colour,split."
        )
    width = len(key.split())
    if len(table.header) == 1 and width > 1 and all(len(cell.split()) == width for cell in table.column(key)):
        raise UserError(f"{table.file} has spaces between its cells: write commas, as in {','.join(key.split())}.")


def _key(table: TextTable, finder: NameFinder) -> str:
    """The column that names the item."""
    for name in table.header:
        if name.lower() == "file":
            return name

    def rank(name: str) -> tuple[int, bool, int, bool]:
        matched = [cell for cell in table.column(name) if finder.find(cell)]
        as_files = sum(cell.lower().endswith(SUFFIXES) for cell in matched)
        return as_files, bool(matched) and name.lower() in KEYS, len(matched), name == table.header[0]

    return max(table.header, key=rank)


def _described(key: str) -> str:
    return f"column {key!r}" if key else "column without a name"
