"""A split for sources that bring none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np


def seeded_splits(groups: Sequence[Hashable], seed: int, validation: float = 0.1, test: float = 0.1) -> list[str]:
    """Divide items over the splits so that no group (a person) is in two of them.

    Args:
        groups: the group of each item; distinct values divide the items one by one.
        seed: decides which groups go where.
        validation: share of the groups that go to the validation split.
        test: share of the groups that go to the test split. A share above 0 gets at least one group.

    Returns:
        For each item "train", "validation" or "test".
    """
    distinct = list(dict.fromkeys(groups))
    order = np.random.default_rng(seed).permutation(len(distinct))
    in_validation, in_test = (max(round(share * len(distinct)), int(share > 0)) for share in (validation, test))
    splits: dict[Hashable, str] = {}
    for rank, index in enumerate(order):
        last = "validation" if rank < in_test + in_validation else "train"
        splits[distinct[index]] = "test" if rank < in_test else last
    return [splits[group] for group in groups]
