"""Numbers of images that a person asks for."""

from __future__ import annotations

from scgan.utils.errors import UserError

MAX_IMAGES = 10_000_000
"""Largest number of images of one command: more is a slip of the finger and fills the disk first."""

MAX_FRAMES = 100_000
"""Largest number of images that are held in memory at once."""


def require_at_most(option: str, count: int, maximum: int = MAX_IMAGES) -> None:
    """Refuse a number of images that no machine finishes.

    Raises:
        UserError: it is larger than ``maximum``.
    """
    if count > maximum:
        raise UserError(f"{option} {count}: at most {maximum:,} are possible.")
