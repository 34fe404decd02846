"""Tables of text: one record for the screen, Markdown and HTML pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_WIDTH_OF_FILES = 10_000
"""Characters of a line in a file or pipe, where nothing needs to be wrapped."""


class Table(NamedTuple):
    """A table whose first column names the rows.

    Attributes:
        header: a text for each column.
        rows: texts, as many in each row as in the header.
        title: one line above the table.
        caption: sentences below the table.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    caption: str = ""


def to_markdown(table: Table) -> str:
    """Header and rows as a Markdown table, without a line break at the end. Title and caption are left out."""
    lines = [table.header, ["---"] * len(table.header), *table.rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def print_table(table: Table) -> None:
    """Print a table on the screen (standard output); numbers are aligned right."""
    from rich.console import Console
    from rich.table import Table as RichTable

    first, *others = table.header
    screen = RichTable(first)
    for column in others:
        screen.add_column(column, justify="right")
    for row in table.rows:
        screen.add_row(*row)
    console = Console(highlight=False, markup=False, emoji=False)  # names may hold brackets and colons
    if not console.is_terminal:
        console.width = _WIDTH_OF_FILES
    if table.title:
        console.print(table.title, style="italic", soft_wrap=True)
    console.print(screen)
    if table.caption:
        console.print(table.caption, style="dim", soft_wrap=True)
