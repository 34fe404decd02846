"""Batches of rows: the slices in which large arrays are read and computed."""

from __future__ import annotations

from collections.abc import Iterator


def batches(count: int, size: int) -> Iterator[slice]:
    """Split ``count`` rows into consecutive slices of at most ``size`` rows.

    The last slice ends at ``count``, so that ``part.stop - part.start`` is its number of rows::

        for part in batches(len(images), 64):
            scores[part] = network(images[part])
    """
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
