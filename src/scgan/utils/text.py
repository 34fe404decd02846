"""Text: files written by people, lists of names, counts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from scgan.utils.errors import UserError
from scgan.utils.special_files import require_regular


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
        require_regular(file)
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file} is not UTF-8 text ({error.reason} at byte {error.start}): save it as UTF-8."
        ) from error


def shell_path(path: Path) -> str:
    """Path as a word of a command that can be copied into a shell, which no command takes for an option."""
    return shlex.quote(f"./{path}" if str(path).startswith("-") else str(path))


def join_names(values: Iterable[object]) -> str:
    """Join values with commas for a message; after the first 20 only their number is given, and "none" for no value."""
    items = [str(value) for value in values]
    if not items:
        return "none"
    return ", ".join(items[:20]) + (f", … ({len(items)} in all)" if len(items) > 20 else "")


def join_or(values: Iterable[object]) -> str:
    """Join values as a choice: ``"a, b or c"``."""
    *others, last = map(str, values)
    return f"{', '.join(others)} or {last}" if others else last


def counted(count: float, noun: str, plural: str = "") -> str:
    """Number and noun: ``"1 image"``, ``"2 images"``; ``plural`` is for nouns that do not just take an s."""
    number = f"{count:,}" if isinstance(count, int) else f"{count:g}"
    return f"{number} {noun if count == 1 else plural or noun + 's'}"


def did_you_mean(word: str, choices: Iterable[str], sentence: str) -> str:
    """Put ``"did you mean train?"`` before a sentence if one of the choices is similar to the word.

    Args:
        word: as a person typed it; upper case, dashes and underscores do not matter.
        choices: possible words.
        sentence: begins in lower case, like ``"it must be a or b."``.
    """
    similar = most_similar(word, choices)
    return sentence if similar is None else f"did you mean {similar}? {sentence[:1].upper()}{sentence[1:]}"


def most_similar(word: str, choices: Iterable[str]) -> str | None:
    """Choice that is most similar to a word, ignoring upper case, dashes and underscores; None if none is."""
    plain = {_plain(choice): choice for choice in choices}
    similar = get_close_matches(_plain(word), plain, n=1)
    return plain[similar[0]] if similar else None


def _plain(word: str) -> str:
    return word.lower().replace("_", "-")


def shorten(error: Exception, length: int = 120) -> str:
    """Reduce the message of a foreign error to one line of at most ``length`` characters."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= length else f"{text[: length - 1]}…"
