"""Names and splits of the items of a prepared folder: arrays that stay on disk until an item is asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from scgan.utils.batching import batches
from scgan.utils.errors import UserError

SPLITS = ("train", "validation", "test")

_ROWS_AT_ONCE = 65536


class _Texts(Sequence[str]):
    """A text for each item; a slice of them is a tuple."""

    @abstractmethod
    def _text_of(self, row: int) -> str: ...

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...

    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple(map(self._text_of, range(*index.indices(len(self)))))
        return self._text_of(range(len(self))[index])


class ItemNames(_Texts):
    """Names of items.

    Args:
        text: uint8, the names in UTF-8 one after the other; halves of characters (lone surrogates, of undecodable names
            of files) take three bytes each.
        ends: int64 (N,), place after the last byte of each name.
        path: the prepared folder, for messages.
    """

    def __init__(self, text: NDArray[np.uint8], ends: NDArray[np.int64], path: Path) -> None:
        self._text, self._ends, self._path = text, ends, path

    def __len__(self) -> int:
        return len(self._ends)

    def _text_of(self, row: int) -> str:
        begin = int(self._ends[row - 1]) if row else 0
        try:
            return self._text[begin : int(self._ends[row])].tobytes().decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise UserError(
                f"{self._path / 'names.npy'} is damaged (the name of item {row} is not text): prepare the data again "
                "with --overwrite."
            ) from error


def encode_names(names: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Arrays that ``ItemNames`` reads."""
    encoded = [name.encode("utf-8", "surrogatepass") for name in names]
    ends = np.cumsum([len(name) for name in encoded], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), np.uint8), ends


class ItemSplits(_Texts):
    """Split of each item, one of ``SPLITS``.

    Args:
        rows: int64 (N,), the items of train, then those of validation, then those of test, ascending in each.
        counts: number of items of each split.

    Raises:
        ValueError: these are not rows of N items in splits.
    """

    def __init__(self, rows: NDArray[np.int64], counts: Mapping[str, int]) -> None:
        if set(counts) != set(SPLITS) or min(counts.values()) < 0 or sum(counts.values()) != len(rows):
            raise ValueError(f"{dict(counts)} are not the splits of {len(rows)} items")
        self._count, self._rows, end = len(rows), {}, 0
        for split in SPLITS:
            self._rows[split] = rows[end : end + counts[split]]
            end += counts[split]
            _require_ascending(self._rows[split], len(rows))

    @staticmethod
    def of(splits: Sequence[str]) -> ItemSplits:
        """Splits of items, given in their order."""
        rows = {split: np.flatnonzero([one == split for one in splits]) for split in SPLITS}
        return ItemSplits(np.concatenate(list(rows.values())), {split: len(rows[split]) for split in SPLITS})

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        codes = np.zeros(len(self), np.uint8)
        for code, rows in enumerate(self._rows.values()):
            codes[rows] = code
        return (SPLITS[code] for code in codes)

    def __contains__(self, split: object) -> bool:
        return self.count(split) > 0

    def _text_of(self, row: int) -> str:
        return next(split for split, rows in self._rows.items() if row in rows[np.searchsorted(rows, row) :][:1])

    def count(self, split: object) -> int:
        """Count the items of a split."""
        return len(self._rows[split]) if isinstance(split, str) and split in self._rows else 0

    def rows(self, split: str) -> NDArray[np.int64]:
        """Items of a split, int64, ascending."""
        return self._rows[split]

    def arrays(self) -> tuple[NDArray[np.int64], dict[str, int]]:
        """Arguments of the constructor."""
        return np.concatenate(list(self._rows.values())), {split: len(rows) for split, rows in self._rows.items()}


def _require_ascending(rows: NDArray[np.int64], count: int) -> None:
    """Check row numbers below ``count``, some at once: their memory does not grow with their number."""
    last = -1
    for part in batches(len(rows), _ROWS_AT_ONCE):
        some = rows[part]
        if some[0] <= last or (np.diff(some) <= 0).any() or some[-1] >= count:
            raise ValueError("its rows are not in order")
        last = int(some[-1])
