"""Text files that a person wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scgan.utils.errors import UserError


class Names(tuple[str, ...]):
    """Names in an order; on the command line with commas between them."""

    @staticmethod
    def parse(text: str) -> Names:
        return Names(name.strip() for name in text.split(",") if name.strip())

    def __str__(self) -> str:
        return ",".join(self)


def read_text(file: Path) -> str:
    """The file's text (UTF-8, with or without a byte order mark).

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


def join_names(values: Any) -> str:
    items = [str(value) for value in values]
    return ", ".join(items[:20]) + (f", … ({len(items)} in all)" if len(items) > 20 else "") if items else "none"
