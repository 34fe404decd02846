"""ItemNames and splits of items, in memory and on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scgan.data.items import ItemNames, ItemSplits, encode_names
from scgan.utils.errors import UserError

NAMES = ("a.jpg", "", "bl\u00e4tter", "caf\udce9 0", "\ud800", "two\nlines, and a \U0001f600")
"""ItemNames of files that are no text, and a half of a character that no file has."""

SPLITS = ("test", "train", "validation", "train", "test", "train")


def names(texts: tuple[str, ...] = NAMES) -> ItemNames:
    return ItemNames(*encode_names(texts), Path("faces"))


def test_names_are_read_as_they_were_written() -> None:
    assert tuple(names()) == NAMES and len(names()) == 6
    assert names()[2] == names()[-4] == "bl\u00e4tter" and names()[np.int64(0)] == "a.jpg"
    assert names()[1:5:3] == ("", "\ud800") and names()[9:] == ()
    with pytest.raises(IndexError):
        names()[6]


def test_empty_names_need_no_text() -> None:
    text, ends = encode_names(("", ""))
    assert text.size == 0 and ends.tolist() == [0, 0]
    assert tuple(ItemNames(text, ends, Path("faces"))) == ("", "")


def test_a_name_that_is_no_text_is_refused() -> None:
    text, _ = encode_names(("fine", "bl\u00e4tter"))
    cut = ItemNames(text, np.array([7, len(text)]), Path("faces"))
    with pytest.raises(UserError, match=r"faces/names\.npy is damaged \(the name of item 0 is not text\): prepare"):
        cut[0]


def test_splits_are_read_as_they_were_written() -> None:
    splits = ItemSplits.of(SPLITS)
    rows, counts = splits.arrays()
    assert rows.tolist() == [1, 3, 5, 2, 0, 4] and counts == {"train": 3, "validation": 1, "test": 2}
    for one in (splits, ItemSplits(rows, counts)):
        assert tuple(one) == tuple(one[row] for row in range(6)) == SPLITS and one[-6:2] == ("test", "train")
        assert one.rows("train").tolist() == [1, 3, 5] and one.count("test") == 2 and one.count("exam") == 0
        assert "validation" in one and "exam" not in one and "test" not in ItemSplits.of(("train",))
        with pytest.raises(IndexError):
            one[6]


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([0, 1, 2], {"train": 2, "validation": 0, "test": 0}),
        ([0, 1, 2], {"train": 3, "validation": 0}),
        ([0, 1, 2], {"train": 4, "validation": -1, "test": 0}),
        ([0, 2, 1], {"train": 3, "validation": 0, "test": 0}),
        ([0, 1, 1], {"train": 3, "validation": 0, "test": 0}),
        ([-1, 1, 2], {"train": 3, "validation": 0, "test": 0}),
        ([0, 1, 3], {"train": 2, "validation": 0, "test": 1}),
        ([*range(70_000), 5], {"train": 70_001, "validation": 0, "test": 0}),
    ],
)
def test_rows_that_are_no_splits_are_refused(rows: list[int], counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"are not the splits of|are not in order"):
        ItemSplits(np.array(rows), counts)
