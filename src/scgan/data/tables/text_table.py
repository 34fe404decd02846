"""Tables of text from files: CSV of spreadsheets, pandas and R, and the lists of CelebA."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from scgan.data.tables.celeba_list import is_celeba_list, read_celeba_list
from scgan.data.tables.cells import KEYS
from scgan.data.tables.table_text import read_table_text
from scgan.utils.errors import UserError
from scgan.utils.text import counted

UNNAMED = ""

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', re.IGNORECASE)
_DELIMITERS = ",;\t|"
# pandas calls the columns without a name so when it reads them.
_UNNAMED = re.compile(r"Unnamed: \d+(\.\d+)?|")

NumberedRow = tuple[int, list[str]]


@dataclass(frozen=True)
class TextTable:
    """A table whose cells are text without space around it.

    Attributes:
        file: names the table in errors.
        header: names of the columns; the first may be ``UNNAMED`` (numbers or names of the rows).
        rows: line number and cells by column of each row.
    """

    file: Path
    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]

    def column(self, name: str) -> list[str]:
        return [row[name] for _, row in self.rows]


def read_text_table(file: Path) -> TextTable:
    """Read a table: CSV (comma, semicolon, tab or bar) with a header, or a list of CelebA.

    A line ``sep=;``, empty rows and empty columns without a name at the right are left out.

    Raises:
        UserError: the file is not such a table, a row has more or fewer cells than the header, a column has no name, or
            two have the same one.
    """
    text = read_table_text(file)
    if is_celeba_list(text):
        header, numbered = read_celeba_list(file, text)
        return TextTable(file, tuple(header), _as_mappings(header, numbered))
    numbered = [(line, cells) for line, cells in _numbered_rows(file, text) if any(cells)]
    if len(numbered) < 2:
        raise UserError(f"{file} has no rows: a header and one row for each item are expected.")
    while numbered[0][1][0].startswith("#") and len(numbered) > 2 and len(numbered[0][1]) != len(numbered[1][1]):
        numbered = numbered[1:]  # remarks above the header
    header, numbered = _fitted(file, numbered[0][1], numbered[1:])
    for name in header:
        if header.count(name) > 1:
            problem = f"{name!r} twice" if name else "two columns without a name"
            raise UserError(f"{file}: the header has {problem}.")
    return TextTable(file, tuple(header), _as_mappings(header, numbered))


def _as_mappings(header: list[str], rows: list[NumberedRow]) -> tuple[tuple[int, dict[str, str]], ...]:
    return tuple((line, dict(zip(header, cells, strict=True))) for line, cells in rows)


def _numbered_rows(file: Path, text: str) -> Iterator[NumberedRow]:
    """Cells of each row, with the number of the line in which the row begins."""
    first_line = 1
    if separator := _SEPARATOR_LINE.match(text):
        first_line, text = 2, text[separator.end() :]
    delimiter = separator[1] if separator else _delimiter(text)
    # Only \n, \r and \r\n end a line here; str.splitlines would end lines within cells, too.
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + first_line
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UserError(f'{file}, line {line} is not a row ({error}): look for a " that is not closed.') from error
        yield line, [cell.strip() for cell in cells]


def _delimiter(text: str) -> str:
    """The character that parts the first line into most cells."""
    lines = [line for line in text.split("\n") if line.strip()]
    header = next((line for line in lines if not line.startswith("#")), lines[0] if lines else "")
    return max(_DELIMITERS, key=lambda delimiter: re.sub(r'"[^"]*"', "", header).count(delimiter))


def _fitted(file: Path, header: list[str], rows: list[NumberedRow]) -> tuple[list[str], list[NumberedRow]]:
    """Header and rows of one width, without columns that are empty and have no name."""
    header = [UNNAMED if _UNNAMED.fullmatch(name) else name for name in header]
    one_more = len(rows) > 1 and all(len(cells) == len(header) + 1 for _, cells in rows)
    if one_more and {cell.lower() for cell in rows[0][1]} & KEYS:
        raise UserError(f"{file}, line {rows[0][0]} looks like the header: remove the lines above it.")
    if one_more and any(cells[-1] for _, cells in rows):
        header = [UNNAMED, *header]  # R writes no name above the names of the rows
    width = len(header)
    for line, cells in rows:
        if len(cells) > width and not any(cells[width:]):
            del cells[width:]
        if len(cells) != width:
            raise UserError(f"{file}, line {line} has {counted(len(cells), 'cell')}, the header has {width}.")
    kept = [index for index in range(width) if header[index] or any(cells[index] for _, cells in rows)]
    names = [header[index] for index in kept]
    rows = [(line, [cells[index] for index in kept]) for line, cells in rows]
    while names[:2] == [UNNAMED, UNNAMED] and _are_whole_numbers([cells[0] for _, cells in rows]):
        names, rows = names[1:], [(line, cells[1:]) for line, cells in rows]  # saved twice by pandas
    if UNNAMED in names[1:]:
        raise UserError(f"{file}: column {names.index(UNNAMED, 1) + 1} has no name: give it one, or remove it.")
    return names, rows


def _are_whole_numbers(cells: list[str]) -> bool:
    return all(cell.isdecimal() for cell in cells)
