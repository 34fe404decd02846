"""Random splits by group."""

import pytest

from scgan.data.splits import seeded_splits
from scgan.utils.errors import UserError


def test_groups_stay_together() -> None:
    groups = [f"person {index // 3}" for index in range(90)]
    splits = seeded_splits(groups, seed=1)
    assert [splits.count(split) for split in ("train", "validation", "test")] == [72, 9, 9]
    assert all(len({splits[row] for row in range(first, first + 3)}) == 1 for first in range(0, 90, 3))


def test_the_split_depends_on_the_seed_alone() -> None:
    items = range(50)
    assert seeded_splits(items, seed=2) == seeded_splits(items, seed=2) != seeded_splits(items, seed=3)


def test_a_small_share_gets_at_least_one_group() -> None:
    splits = seeded_splits(range(4), seed=0, validation=0.05, test=0)
    assert splits.count("validation") == 1 and splits.count("test") == 0


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(UserError, match="--seed is -1: it must be a whole number from 0"):
        seeded_splits(range(4), seed=-1)
