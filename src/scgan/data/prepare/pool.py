"""Reading of a source's items by workers; results come back in order."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np

from scgan.data.prepare.source import Item, Source
from scgan.utils.errors import ItemError, UserError
from scgan.utils.workers import LocalProcesses, WorkerPool, never

# Items that a worker reads at a time: large enough to hide the cost of messages, small enough to end evenly.
ITEMS_PER_TASK = 8
ITEMS_PER_CLUSTER_TASK = 32  # Dask takes some milliseconds for each task


@dataclass
class _Checked:
    """A source, and its first item as this machine reads it; ``done`` once a process has compared it."""

    source: Source
    index: int
    expected: Item | str
    done: bool = False


def read_items(
    source: Source, indices: range, workers: WorkerPool, interrupted: Callable[[], bool] = never
) -> Generator[Item | str, None, None]:
    """Yield the items in order, or for an item that cannot be used the reason (a string).

    Processes of other machines compare the first item with that of this machine before they read.

    Raises:
        UserError: something is wrong with the source as a whole, a worker was killed, or reads something else.
        RunError: the cluster was lost.
    """
    if isinstance(workers, LocalProcesses):
        size = 1 if workers.count == 1 else ITEMS_PER_TASK
        parts = workers.map(_read_part, source, _tasks(indices, size))
    elif indices:
        checked = _Checked(source, indices[0], _read(source, indices[0]))
        parts = workers.map(_read_checked, checked, _tasks(indices, ITEMS_PER_CLUSTER_TASK), interrupted)
    else:
        return
    try:
        for items in parts:
            yield from items
    finally:
        parts.close()


def _tasks(indices: range, size: int) -> list[range]:
    return [indices[first : first + size] for first in range(0, len(indices), size)]


def _read_checked(checked: _Checked, indices: range) -> list[Item | str]:
    """Read items on another machine.

    Raises:
        UserError: it reads other files, or other versions of libraries read them.
    """
    if not checked.done:
        item, expected = _read(checked.source, checked.index), checked.expected
        if not _is_same(item, expected):
            reads = item if isinstance(item, str) else "another image"
            raise UserError(
                f"a worker of --cluster reads item {checked.source.names[checked.index]} differently ({reads}): it "
                "needs the same files at the same paths, and the same versions of all packages."
            )
        checked.done = True
    return _read_part(checked.source, indices)


def _is_same(item: Item | str, expected: Item | str) -> bool:
    """Compare two readings; processors of two kinds may differ by 1 of 255."""
    if isinstance(item, str) or isinstance(expected, str):
        return item == expected
    return bool(np.abs(item.image.astype(np.int16) - expected.image).max() <= 1)


def _read_part(source: Source, indices: range) -> list[Item | str]:
    return [_read(source, index) for index in indices]


def _read(source: Source, index: int) -> Item | str:
    try:
        return source.read(index)
    except ItemError as error:
        return str(error)
