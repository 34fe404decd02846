"""Even choice of a few rows of many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def spread_rows(count: int, max_count: int) -> NDArray[np.int64]:
    """At most ``max_count`` of the rows 0…``count`` − 1, evenly spread, the first and the last among them.

    Places between two rows go to the nearest one, halves to the even one; no row is chosen twice.

    Returns:
        int64 (min(count, max_count),), ascending.
    """
    return np.linspace(0, count - 1, min(count, max_count)).round().astype(np.int64)
