"""Which labels synthetic pictures get, how often, and from which items their masks come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.schema import Schema
from scgan.utils.errors import UserError


class LabelMix(NamedTuple):
    """A distribution of labels.

    Attributes:
        labels: float32 (K, n_c) in [0, 1], all different.
        shares: float64 (K,), how often each is wanted; their sum is 1.
        rows: for each label the rows of the data set whose masks go with it, int64.
    """

    labels: NDArray[np.float32]
    shares: NDArray[np.float64]
    rows: list[NDArray[np.int64]]


def as_found(dataset: PreparedDataset, rows: NDArray[np.int64]) -> LabelMix:
    """The labels of these rows, as often as they occur; a mask keeps the label of its item."""
    found: dict[tuple[float, ...], list[int]] = {}
    for row, label in zip(rows.tolist(), dataset.attributes[rows].tolist(), strict=True):
        found.setdefault(tuple(label), []).append(row)
    labels = sorted(found)
    shares = np.array([len(found[label]) for label in labels]) / len(rows)
    return LabelMix(
        np.array(labels, np.float32).reshape(len(labels), -1), shares, [np.array(found[label]) for label in labels]
    )


def balanced(mix: LabelMix) -> LabelMix:
    """The same labels, each equally often."""
    return mix._replace(shares=np.full(len(mix.labels), 1 / len(mix.labels)))


def chosen(schema: Schema, texts: Sequence[str], weights: Sequence[float] | None, rows: NDArray[np.int64]) -> LabelMix:
    """Labels that a person names, with masks of any of the rows.

    Args:
        schema: knows the attributes.
        texts: labels as in ``Schema.parse_attributes``.
        weights: how often each is wanted, in proportion; all alike by default.
        rows: where masks come from.

    Raises:
        UserError: an unknown attribute, one label twice, or weights that are not one positive number for each label.
    """
    labels = np.stack([schema.parse_attributes(text) for text in texts])
    if len(np.unique(labels, axis=0)) < len(labels):
        raise UserError(
            f"--labels {' '.join(texts)}: one label is there twice; say with --weights how often it counts."
        )
    proportions = np.ones(len(labels)) if weights is None else np.array(weights, np.float64)
    if len(proportions) != len(labels):
        raise UserError(f"--weights has {len(proportions)} numbers, --labels has {len(labels)} labels: one for each.")
    if not (np.isfinite(proportions).all() and (proportions > 0).all()):
        raise UserError(f"--weights {' '.join(f'{weight:g}' for weight in proportions)}: each must be above 0.")
    return LabelMix(labels, proportions / proportions.sum(), [rows] * len(labels))
