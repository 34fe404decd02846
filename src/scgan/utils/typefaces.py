"""Typeface for texts in images, chosen by the letters that it has."""

from __future__ import annotations

import unicodedata
from functools import cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Files that Pillow finds in the system's folders of fonts; the first one that has all letters is taken. Pillow's own
# font has English letters only.
_FILES = (
    *("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc"),
    *("NotoSansCJK-Regular.ttc", "Arial Unicode.ttf", "msyh.ttc", "Hiragino Sans GB.ttc", "wqy-zenhei.ttc"),
)
_NO_LETTER = "\U0010ffff"


class Typeface:
    """Typeface of a file; "" is the one that is part of Pillow."""

    def __init__(self, file: str = "") -> None:
        self._file = file
        self._fonts: dict[int, Font] = {}

    def font(self, size: int) -> Font:
        if size not in self._fonts:
            self._fonts[size] = ImageFont.truetype(self._file, size) if self._file else ImageFont.load_default(size)
        return self._fonts[size]

    def drawable(self, text: str) -> str:
        """The text with the base letters of those that it lacks ("u" for "ü"), or question marks."""
        return "".join(letter if self.has(letter) else self._replacement(letter) for letter in text)

    def has(self, letter: str) -> bool:
        return letter.isspace() or letter in _ascii() or self._drawn(letter) != self._drawn(_NO_LETTER)

    def _drawn(self, letter: str) -> bytes:
        image = self.font(12).getmask(letter)
        return bytes(image.size) + bytes(image)

    def _replacement(self, letter: str) -> str:
        base = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
        return base if base.isascii() and base.isprintable() else "?"


def choose_typeface(text: str) -> Typeface:
    """Typeface that has all letters of a text, or else most of them."""
    letters = "".join(sorted(set(text)))
    faces = [Typeface(), *(Typeface(file) for file in _installed())] if set(text) - _ascii() else [Typeface()]
    return min(faces, key=lambda face: sum(not face.has(letter) for letter in letters))


@cache
def _installed() -> tuple[str, ...]:
    files = []
    for file in _FILES:
        try:
            ImageFont.truetype(file, 12)
        except OSError:
            continue
        files.append(file)
    return tuple(files)


@cache
def _ascii() -> frozenset[str]:
    return frozenset(map(chr, range(32, 127)))
