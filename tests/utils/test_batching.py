"""Batches of rows."""

import pytest

from scgan.utils.batching import batches


@pytest.mark.parametrize(
    ("count", "slices"),
    [(0, []), (3, [slice(0, 3)]), (4, [slice(0, 4)]), (9, [slice(0, 4), slice(4, 8), slice(8, 9)])],
)
def test_slices_cover_all_rows_once(count: int, slices: list[slice]) -> None:
    assert list(batches(count, 4)) == slices
