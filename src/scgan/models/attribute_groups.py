"""Groups of attributes that exclude each other in the training data, and completion of requests that name none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.schema import Schema
from scgan.utils.batching import batches
from scgan.utils.text import join_names

MAX_RARE = 0.05
"""Share of items without any attribute of a group, up to which a request that names none is completed."""

_ROWS_AT_ONCE = 65536
_MAX_SILENT = 0.5  # a group that more items lack than have is no group whose absence is remarkable
_MIN_EXPECTED = 10  # items with both of two attributes, if these were independent
_MAX_OBSERVED = 0.01  # of the expected ones: the two exclude each other


@dataclass(frozen=True)
class AttributeGroup:
    """Attributes of which an item of the training data has at most one.

    Attributes:
        names: of the attributes.
        shares: of the items that have each, in the order of ``names``.
    """

    names: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def none(self) -> float:
        """Share of the items that have none of them."""
        return max(0.0, 1 - sum(self.shares))

    @property
    def commonest(self) -> str:
        return self.names[int(np.argmax(self.shares))]


class Completion(NamedTuple):
    """Attributes with which to generate, float32 (n_c,), and sentences about what was completed or is missing."""

    attributes: NDArray[np.float32]
    notes: tuple[str, ...]


def find_groups(
    attributes: NDArray[np.float32], schema: Schema, rows: NDArray[np.int64] | None = None
) -> tuple[AttributeGroup, ...]:
    """Measure the groups of the schema, and find others: attributes that never occur together in the data.

    Two attributes exclude each other if chance alone would give at least 10 items both, and hardly any has both. Such a
    group counts if at least half of the items have one of its attributes.

    Args:
        attributes: float32 (N, n_c) in [0, 1].
        schema: of the data.
        rows: int64, those that count; None for all. They are read in parts.
    """
    rows = np.arange(len(attributes)) if rows is None else rows
    present = np.zeros((len(rows), attributes.shape[1]), bool)
    for part in batches(len(rows), _ROWS_AT_ONCE):
        present[part] = attributes[rows[part]] > 0.5
    shares = dict(zip(schema.attribute_names, present.mean(axis=0).tolist() if len(present) else [], strict=False))
    if not shares:
        return ()
    names = [tuple(group) for group in schema.attribute_groups]
    grouped = {name for group in names for name in group}
    names += _exclusive(present, [name for name in schema.attribute_names if name not in grouped], schema)
    return tuple(AttributeGroup(group, tuple(round(shares[name], 4) for name in group)) for group in names)


def complete(
    values: NDArray[np.float32], named: Sequence[str], groups: Sequence[AttributeGroup], schema: Schema
) -> Completion:
    """Complete attributes by what the training data always have.

    Of a group of which (almost) every item has one attribute, and of which the request names none, the most frequent
    is set to 1. Where most items have one, a note says so and nothing is changed. An attribute that is named with the
    value 0 counts as named. A note says that a request without any name asks for items without the other attributes.

    Args:
        values: float32 (n_c,), those requested.
        named: attributes that the request names.
        groups: of the model's data.
        schema: of the model.
    """
    completed, notes = values.copy(), []
    for group in groups:
        if set(group.names) & set(named):
            continue
        if group.none <= MAX_RARE:
            completed[schema.attribute_names.index(group.commonest)] = 1
            notes.append(
                f"attributes: {group.commonest} is added, the most frequent of {join_names(group.names)}, since "
                f"{_percent(1 - group.none)} of the training data have one of them (name another, or one with =0)."
            )
        elif group.none < _MAX_SILENT:
            notes.append(
                f"attributes: none of {join_names(group.names)} is requested, like {_percent(group.none)} of the "
                "training data: name one of them to choose."
            )
    grouped = {name for group in groups for name in group.names}
    others = [name for name in schema.attribute_names if name not in grouped]
    if others and not named:
        absence = "are 0 and the images show what has none of them"
        if len(others) == 1:
            absence = "is 0 and the images show what does not have it"
        notes.append(f"attributes: none is requested, so {join_names(others)} {absence}.")
    return Completion(completed, tuple(notes))


def commonest_vector(
    attributes: NDArray[np.float32], groups: Sequence[AttributeGroup], schema: Schema
) -> NDArray[np.float32]:
    """Find the most frequent row of attributes (N, n_c): float32 (n_c,).

    Of rows that are equally frequent, the one that has attributes of more groups (most of the data have one of each),
    then the one whose attributes are more frequent in the data.

    Args:
        attributes: float32 (N, n_c), of the model's examples.
        groups: of the model's data.
        schema: of the model.
    """
    vectors, counts = np.unique(attributes, axis=0, return_counts=True)
    tied = vectors[counts == counts.max()]
    shares = {name: share for group in groups for name, share in zip(group.names, group.shares, strict=True)}
    present = tied[:, [schema.attribute_names.index(name) for name in shares]] > 0.5
    named, frequency = present.sum(axis=1), present @ np.array(list(shares.values()))
    best = max(range(len(tied)), key=lambda row: (named[row], frequency[row]))
    return np.asarray(tied[best], np.float32)


def _exclusive(present: NDArray[np.bool_], names: Sequence[str], schema: Schema) -> list[tuple[str, ...]]:
    """Collect attributes that pairwise exclude each other, in the order of the schema."""
    columns = {name: present[:, schema.attribute_names.index(name)] for name in names}

    def exclude(one: str, other: str) -> bool:
        expected = columns[one].mean() * columns[other].sum()
        both = int((columns[one] & columns[other]).sum())
        return bool(expected >= _MIN_EXPECTED and both <= _MAX_OBSERVED * expected)

    groups: list[list[str]] = []
    for name in names:
        fitting = [group for group in groups if all(exclude(name, other) for other in group)]
        if fitting:
            fitting[0].append(name)
        else:
            groups.append([name])
    return [
        tuple(group)
        for group in groups
        if len(group) > 1 and np.any([columns[name] for name in group], axis=0).mean() >= 1 - _MAX_SILENT
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"
