"""Interface of a data source: its items, their schema and splits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepare.account import SourceNotes
from scgan.schema import Schema


class Item(NamedTuple):
    """One row of a prepared folder.

    Attributes:
        image: uint8 (H, W, 3), RGB, at the schema's size.
        segmentation: uint8 (H, W), class indices; ``schema.IGNORED`` where a pixel belongs to no class.
        attributes: float32 (n_attributes,) in [0, 1].
        landmarks: float32 (68, 2) as fractions of width and height, or None where the schema has no landmarks.
        notes: remarks about this item ("transparent pixels are background"), which the account counts.
    """

    image: NDArray[np.uint8]
    segmentation: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None = None
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """Data that can be prepared. It is pickled to other processes, and ``read`` must be deterministic."""

    max_skipped: ClassVar[float]
    """Default of ``--max-skipped``: the largest accepted share of items that cannot be used."""

    @property
    def schema(self) -> Schema: ...

    @property
    def names(self) -> Sequence[str]:
        """Names of the items, in the order of the source."""

    @property
    def splits(self) -> Sequence[str]:
        """For each item "train", "validation" or "test"."""

    @property
    def description(self) -> dict[str, Any]:
        """JSON values: the source and its options. An unfinished folder is only continued with the same ones."""

    @property
    def notes(self) -> SourceNotes:
        """Findings and assumptions, for the account at the end of preparing."""

    def read(self, index: int) -> Item:
        """One item.

        Raises:
            ItemError: this item cannot be used; it is skipped and recorded.
            UserError: something is wrong with the source as a whole; preparing stops.
        """
