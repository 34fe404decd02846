"""Distribution of attributes over synthetic images, and the items whose masks go with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.utils.errors import UserError


class AttributeMix(NamedTuple):
    """A distribution of attribute vectors.

    Attributes:
        attributes: float32 (K, n_c) in [0, 1], all different.
        shares: float64 (K,), probability of each; their sum is 1.
        rows: for each vector the rows of the data set whose masks go with it, int64.
    """

    attributes: NDArray[np.float32]
    shares: NDArray[np.float64]
    rows: list[NDArray[np.int64]]


def observed_mix(dataset: PreparedDataset, rows: NDArray[np.int64]) -> AttributeMix:
    """Take the attributes of these rows, as often as they occur; a mask keeps the attributes of its item."""
    rows_of: dict[tuple[float, ...], list[int]] = {}
    for row, vector in zip(rows.tolist(), dataset.attributes[rows].tolist(), strict=True):
        rows_of.setdefault(tuple(vector), []).append(row)
    vectors = sorted(rows_of)
    return AttributeMix(
        np.array(vectors, np.float32).reshape(len(vectors), -1),
        np.array([len(rows_of[vector]) for vector in vectors]) / len(rows),
        [np.array(rows_of[vector]) for vector in vectors],
    )


def balanced(mix: AttributeMix) -> AttributeMix:
    """Give all attribute vectors the same probability."""
    return mix._replace(shares=np.full(len(mix.attributes), 1 / len(mix.attributes)))


def chosen_mix(
    parse: Callable[[str], NDArray[np.float32]],
    texts: Sequence[str],
    weights: Sequence[float] | None,
    rows: NDArray[np.int64],
) -> AttributeMix:
    """Take named attributes, with masks of any of the rows.

    Args:
        parse: ``Synthesizer.parse_attributes`` of the model.
        texts: sets of attributes as it takes them.
        weights: relative frequency of each; equal by default.
        rows: source of the masks.

    Raises:
        UserError: an unknown attribute, one set twice, or weights that are not one positive number for each set.
    """
    vectors = np.stack([parse(text) for text in texts])
    if len(np.unique(vectors, axis=0)) < len(vectors):
        raise UserError(
            f"--attribute-sets {' '.join(texts)}: one set is given twice; set its frequency with --attribute-weights."
        )
    proportions = np.ones(len(vectors)) if weights is None else np.array(weights, np.float64)
    if len(proportions) != len(vectors):
        raise UserError(
            f"--attribute-weights has {len(proportions)} numbers, --attribute-sets has {len(vectors)} sets: give one "
            "number for each set."
        )
    if not (np.isfinite(proportions).all() and (proportions > 0).all()):
        numbers = " ".join(f"{weight:g}" for weight in proportions)
        raise UserError(f"--attribute-weights {numbers}: each must be above 0.")
    return AttributeMix(vectors, proportions / proportions.sum(), [rows] * len(vectors))
