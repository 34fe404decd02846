"""Tests of the even choice of rows."""

from __future__ import annotations

import pytest

from scgan.utils.spread import spread_rows


@pytest.mark.parametrize(
    ("count", "max_count", "rows"),
    [
        (10, 4, [0, 3, 6, 9]),
        (6, 4, [0, 2, 3, 5]),  # 0, 1.67, 3.33, 5
        (4, 3, [0, 2, 3]),  # 1.5 goes to the even row
        (3, 6, [0, 1, 2]),
        (5, 1, [0]),
        (0, 4, []),
    ],
)
def test_rows_by_hand(count: int, max_count: int, rows: list[int]) -> None:
    assert spread_rows(count, max_count).tolist() == rows


def test_no_row_twice() -> None:
    for count in range(1, 40):
        for max_count in range(1, 40):
            rows = spread_rows(count, max_count).tolist()
            assert len(set(rows)) == len(rows) == min(count, max_count)
