"""The seeds that all commands and functions take."""

from __future__ import annotations

from scgan.utils.errors import UserError

MAX_SEED = 2**53 - 1
"""The largest integer that JSON and JavaScript represent exactly: the studio writes and reads the same seeds."""

SEED_RANGE = f"a whole number from 0 to {MAX_SEED}"


def require_seed(seed: int, name: str = "--seed") -> None:
    """Check a seed before random numbers are drawn from it.

    Raises:
        UserError: the seed is negative or above ``MAX_SEED``.
    """
    if not 0 <= seed <= MAX_SEED:
        raise UserError(f"{name} is {seed}: it must be {SEED_RANGE}.")
