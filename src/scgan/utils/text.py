"""Text: files written by people, lists of names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scgan.utils.errors import UserError


class Names(tuple[str, ...]):
    """Names in an order; on the command line with commas between them."""

    @staticmethod
    def parse(text: str) -> Names:
        return Names(name.strip() for name in text.split(",") if name.strip())

    def __str__(self) -> str:
        return ",".join(self)


def read_text(file: Path) -> str:
    """Read a text file (UTF-8, with or without a byte order mark).

    Raises:
        UserError: the file is missing or not text.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file} is not UTF-8 text ({error.reason} at byte {error.start}): save it as UTF-8."
        ) from error


def join_names(values: Iterable[object]) -> str:
    """Join values with commas for a message; after the first 20 only their number is given, and "none" for no value."""
    items = [str(value) for value in values]
    if not items:
        return "none"
    return ", ".join(items[:20]) + (f", … ({len(items)} in all)" if len(items) > 20 else "")
