"""Random splits, for sources that have none of their own."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from scgan.utils.seeds import require_seed


def seeded_splits(groups: Sequence[Hashable], seed: int, validation: float = 0.1, test: float = 0.1) -> list[str]:
    """Divide items among the splits so that no group (a person) is in two of them.

    Args:
        groups: group of each item; distinct values divide the items one by one.
        seed: seed of the division, 0 or more.
        validation: share of the groups that go to the validation split.
        test: share of the groups that go to the test split. A share above 0 gets at least one group.

    Returns:
        For each item "train", "validation" or "test".

    Raises:
        UserError: the seed is negative or too large.
    """
    require_seed(seed)
    distinct = list(dict.fromkeys(groups))
    order = np.random.default_rng(seed).permutation(len(distinct))
    validation_count, test_count = (max(round(share * len(distinct)), int(share > 0)) for share in (validation, test))
    splits: dict[Hashable, str] = {}
    for rank, index in enumerate(order):
        last = "validation" if rank < test_count + validation_count else "train"
        splits[distinct[index]] = "test" if rank < test_count else last
    return [splits[group] for group in groups]
