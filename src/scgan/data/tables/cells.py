"""Meaning of single cells: unknown values and numbers."""

from __future__ import annotations

import math

# Words for unknown values, in lower case.
_UNKNOWN = frozenset(
    {"", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "-nan", "nat", "none", "null", "nil", "?", "-", "--", "—"}
    | {".", "unknown", "undefined", "undecided", "missing", "not available", "#value!", "#ref!", "#div/0!"}
)

KEYS = frozenset(
    {"file", "filename", "file_name", "filepath", "file_path", "image", "image_id", "image_name", "imagename", "img"}
    | {"image_file", "image_path", "imgid", "img_name", "img_path", "photo", "photo_id", "path", "name", "id"}
)
"""Usual names of the column that names the photo, in lower case."""


def is_unknown(cell: str) -> bool:
    """True for an empty cell, NA, nan, None, ? and the like."""
    return cell.strip().lower() in _UNKNOWN


def to_number(cell: str) -> float | None:
    """The cell as a finite number, or None for other text."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None
