"""Text files that a person wrote."""

from __future__ import annotations

from pathlib import Path

from scgan.errors import UserError


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
