"""Names of items: the same photo under the names that files, tables and annotations give it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from scgan.data.images import SUFFIXES

Rule = Literal["exact", "case", "zeros"]

RULES: dict[Rule, str] = {
    "exact": "exactly",
    "case": "without regard to case",
    "zeros": "without leading zeros",
}

_FOLDERS = re.compile(r"^.*[/\\]")


def composed(text: str) -> str:
    """The text with composed letters (NFC): macOS writes names with decomposed ones."""
    return unicodedata.normalize("NFC", text)


def base_name(text: str) -> str:
    """Last part of a path with slashes or backslashes, in composed letters."""
    return _FOLDERS.sub("", composed(text.strip()))


def without_suffixes(name: str) -> str:
    """The name without the suffixes of image files at its end: ``a.jpg.png`` → ``a``."""
    while name.lower().endswith(SUFFIXES):
        name = name[: name.rindex(".")]
    return name


def differ_in_case_only(names: Iterable[str]) -> list[list[str]]:
    """Groups of names that differ in case, spaces, or the form of composed letters only."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(" ".join(composed(name).casefold().split()), []).append(name)
    return [group for group in groups.values() if len(group) > 1]


class NameFinder:
    """Finds items by the names that a table or an annotation gives them.

    Args:
        items: names of the items, without suffix.
    """

    def __init__(self, items: Iterable[str]) -> None:
        self._exact: dict[str, str] = {}
        self._folded: dict[str, set[str]] = {}
        self._numbers: dict[int, set[str]] = {}
        for item in items:
            name = composed(item)
            self._exact[name] = item
            self._folded.setdefault(name.casefold(), set()).add(item)
            if name.isdecimal():
                self._numbers.setdefault(int(name), set()).add(item)

    def find(self, text: str) -> tuple[str, Rule] | None:
        """The item that ``text`` names, with or without folders and suffix, and the rule that found it."""
        base = base_name(text)
        stem = base[: base.rindex(".")] if "." in base.strip(".") else base
        names = (composed(text.strip()), base, without_suffixes(base), stem)
        for name in names:
            if name in self._exact:
                return self._exact[name], "exact"
        for name in names:
            if len(items := self._folded.get(name.casefold(), ())) == 1:
                return next(iter(items)), "case"
        for name in names:
            if name.isdecimal() and len(items := self._numbers.get(int(name), ())) == 1:
                return next(iter(items)), "zeros"
        return None
