"""What can be prepared: a source and its items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from scgan.schema import Schema


class Item(NamedTuple):
    """One row, ready to be written.

    Attributes:
        image: uint8 (H, W, 3), RGB, at the schema's size.
        segmentation: uint8 (H, W), class indices.
        attributes: float32 (n_attributes,) in [0, 1].
        landmarks: float32 (68, 2) as fractions of width and height, or None where the schema has no landmarks.
    """

    image: NDArray[np.uint8]
    segmentation: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None = None


class Source(Protocol):
    """Anything that can be prepared. It is sent to other processes (picklable) and must be deterministic."""

    @property
    def schema(self) -> Schema: ...

    @property
    def names(self) -> Sequence[str]:
        """The items, in the order of the source."""

    @property
    def splits(self) -> Sequence[str]:
        """For each item "train", "validation" or "test"."""

    @property
    def description(self) -> dict[str, Any]:
        """JSON values: what it is and the options used. An unfinished folder goes on only with the same ones."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a person should know about the source as a whole."""

    def read(self, index: int) -> Item:
        """One item.

        Raises:
            ItemError: this item cannot be used; it is skipped and recorded.
            UserError: something is wrong with the source as a whole; the work stops.
        """
