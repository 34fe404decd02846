"""Lists in the form of CelebA: the number of rows, the names of the columns, and rows with spaces between."""

from __future__ import annotations

from pathlib import Path

from scgan.utils.errors import UserError
from scgan.utils.text import counted

KEY = "file"


def is_celeba_list(text: str) -> bool:
    """True if the first line is a number and nothing else, and the second has no comma, semicolon or tab."""
    count, _, rest = text.lstrip().partition("\n")
    return count.strip().isdecimal() and not set(",;\t") & set(rest.partition("\n")[0].strip())


def read_celeba_list(file: Path, text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header (``KEY`` and the names of the columns), and numbered rows.

    Raises:
        UserError: a row is damaged or occurs twice, or the number of rows is not the one of the first line.
    """
    lines = [(number, line.split()) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) < 3:
        raise UserError(f"{file} has no rows.")
    count, header = int(lines[0][1][0]), [KEY, *lines[1][1]]
    rows = lines[2:]
    for number, cells in rows:
        if len(cells) != len(header):
            raise UserError(f"{file}, line {number} has {counted(len(cells), 'column')}, {len(header)} are expected.")
    if len(rows) != count:
        raise UserError(f"{file} has {counted(len(rows), 'row')}, its first line says {count}: is it complete?")
    return header, rows
