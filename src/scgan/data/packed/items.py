"""Items of a packed data set: photo, mask and values, as the library stores them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from scgan.data.images import SUFFIXES
from scgan.data.pairs import MASK_WORDS
from scgan.utils.files import MAX_NAME_BYTES

_SPLIT = re.compile(r"(?:^|[^a-z])(train|training|val|valid|validation|dev|test)(?:[^a-z]|$)", re.IGNORECASE)
_MASK = re.compile(rf"(?:^|[^a-z])(?:{MASK_WORDS}|segmentation_?masks?)(?:[^a-z]|$)", re.IGNORECASE)

_STARTS = {
    b"\xff\xd8\xff": ".jpg",
    b"\x89PNG": ".png",
    b"RIFF": ".webp",
    b"GIF8": ".gif",
    b"BM": ".bmp",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
}


class PackedFile(NamedTuple):
    """An image file: its bytes, and the suffix of its format (".png")."""

    content: bytes
    suffix: str


class PackedItem(NamedTuple):
    """One item.

    Attributes:
        name: of the item, usable as the name of a file; no other item has it.
        photo, mask: files.
        values: attributes by the name of their column.
        split: train, validation or test in the words of the data set, None if it has none.
    """

    name: str
    photo: PackedFile
    mask: PackedFile
    values: dict[str, str]
    split: str | None


def is_file_name(name: str) -> bool:
    """Tell whether a file may have the name."""
    return bool(name.strip(". ")) and not set("/\\\0") & set(name) and len(os.fsencode(name)) <= MAX_NAME_BYTES


def suffix_of(name: str, content: bytes) -> str:
    """Suffix of an image file: that of its name, or else the one its first bytes tell (".png" where they do not)."""
    suffix = os.path.splitext(name)[1].lower()
    return (
        suffix if suffix in SUFFIXES else next((s for start, s in _STARTS.items() if content.startswith(start)), ".png")
    )


def means_mask(name: str) -> bool:
    """Tell whether the name of a column, or the ending of a file's name, is that of masks."""
    return bool(_MASK.search(name))


def split_in(name: str) -> str | None:
    """The split that a name tells: ``"train-000001"`` → ``"train"``."""
    match = _SPLIT.search(name)
    return match[1] if match else None


def one_mask(names: Sequence[str]) -> tuple[str, str] | None:
    """Tell photo and mask apart among the names of two images; None if the names do not tell."""
    masks = [name for name in names if means_mask(name)]
    if len(names) != 2 or len(masks) != 1:
        return None
    return next(name for name in names if name not in masks), masks[0]
