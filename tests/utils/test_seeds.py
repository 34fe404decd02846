"""Seeds of commands and functions."""

from __future__ import annotations

import pytest

from scgan.utils.errors import UserError
from scgan.utils.seeds import MAX_SEED, require_seed


def test_seeds_from_zero_to_the_largest_of_the_studio_are_taken() -> None:
    require_seed(0)
    require_seed(2**53 - 1)


@pytest.mark.parametrize("seed", [-1, -(2**64), MAX_SEED + 1])
def test_other_seeds_are_refused(seed: int) -> None:
    with pytest.raises(UserError, match=f"--seed is {seed}: it must be a whole number from 0 to 9007199254740991"):
        require_seed(seed)
