"""The data doctor: what a prepared folder holds, and what is wrong with it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.inspect.duplicates import Pair, shared_pictures
from scgan.data.inspect.orientation import pictures_lie_on_side, transposed_masks
from scgan.data.prepared import SPLITS, PreparedDataset
from scgan.utils.text import join_names

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

# Defects of single items are warnings up to this share of all, as in `scgan prepare`; above it the whole is wrong.
_TOLERATED = 0.01
_CHUNK = 512

_WITHOUT = {
    "train": "no items for train: nothing can be learned.",
    "validation": "no items for validation: the filter of `scgan synthesize` goes by those for test.",
    "test": "no items for test: nothing can be measured.",
}


class Finding(NamedTuple):
    """Something to know about a data set. An error spoils what is trained or measured; a warning may be meant."""

    severity: Literal["error", "warning"]
    text: str


@dataclass(frozen=True)
class Inspection:
    """What was found.

    Attributes:
        split_sizes: the number of items of each split that has any.
        class_pixels: for each split the share of its pixels that each class has, (n_classes,).
        class_items: for each split the share of its items in which each class occurs, (n_classes,).
        attribute_means: for each split the mean of each attribute, (n_attributes,).
        findings: errors first.
    """

    split_sizes: dict[str, int]
    class_pixels: dict[str, Floats]
    class_items: dict[str, Floats]
    attribute_means: dict[str, Floats]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def inspect(dataset: PreparedDataset) -> Inspection:
    """Look for what is wrong with ``dataset``; changes nothing."""
    counts = _class_counts(dataset.segmentations)
    rows = {split: np.flatnonzero(np.asarray(dataset.splits) == split) for split in SPLITS}
    rows = {split: found for split, found in rows.items() if found.size}
    known = counts[:, : dataset.schema.class_count]
    pixels = dataset.schema.image_size**2
    findings = [
        *_absent_splits(rows),
        *_out_of_range(dataset, counts),
        *_absent_classes(dataset, known, rows),
        *_empty_masks(dataset, counts),
        *_orientation(dataset, counts),
        *_attributes(dataset, rows),
        *_landmarks(dataset),
        *_duplicates(dataset),
        *_skipped(dataset.path / "skipped.csv"),
    ]
    return Inspection(
        split_sizes={split: len(found) for split, found in rows.items()},
        class_pixels={split: known[found].mean(0) / pixels for split, found in rows.items()},
        class_items={split: (known[found] > 0).mean(0) for split, found in rows.items()},
        attribute_means={split: dataset.attributes[found].mean(0, np.float64) for split, found in rows.items()},
        findings=tuple(sorted(findings, key=lambda finding: finding.severity != "error")),
    )


def _class_counts(segmentations: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Pixels of every value in every mask: (N, 256)."""
    parts = []
    for first in range(0, len(segmentations), _CHUNK):
        masks = segmentations[first : first + _CHUNK].reshape(-1, segmentations[0].size)
        offsets = 256 * np.arange(len(masks))[:, None]
        parts.append(np.bincount((masks + offsets).ravel(), minlength=256 * len(masks)).reshape(-1, 256))
    return np.concatenate(parts)


def _counted(dataset: PreparedDataset, rows: Rows, what: str) -> str:
    return f"{len(rows)} of {len(dataset)} {what} (the first: {dataset.names[rows[0]]})"


def _of_items(dataset: PreparedDataset, rows: Rows, what: str, remedy: str) -> Iterator[Finding]:
    if len(rows):
        severity: Literal["error", "warning"] = "error" if len(rows) > _TOLERATED * len(dataset) else "warning"
        yield Finding(severity, f"{_counted(dataset, rows, what)}: {remedy}.")


def _absent_splits(rows: dict[str, Rows]) -> Iterator[Finding]:
    for split in SPLITS:
        if split not in rows:
            yield Finding("warning", _WITHOUT[split])


def _out_of_range(dataset: PreparedDataset, counts: NDArray[np.int64]) -> Iterator[Finding]:
    count = dataset.schema.class_count
    rows = np.flatnonzero(counts[:, count:].any(1))
    if rows.size:
        what = _counted(dataset, rows, "masks hold unknown class indices")
        values = join_names(count + np.flatnonzero(counts[:, count:].any(0)))
        yield Finding("error", f"{what}: {values}, but there are {count} classes (0…{count - 1}); prepare them again.")


def _absent_classes(dataset: PreparedDataset, known: NDArray[np.int64], rows: dict[str, Rows]) -> Iterator[Finding]:
    for index, name in enumerate(dataset.schema.class_names):
        present = [split for split, found in rows.items() if known[found, index].any()]
        if not present:
            yield Finding("warning", f"class {name!r} never occurs: leave it out, or merge it with another one.")
        elif "train" in rows and "train" not in present:
            yield Finding(
                "error", f"class {name!r} occurs in {' and '.join(present)} but never in train: it cannot be learned."
            )


def _empty_masks(dataset: PreparedDataset, counts: NDArray[np.int64]) -> Iterator[Finding]:
    rows = np.flatnonzero((counts > 0).sum(1) == 1)
    return _of_items(dataset, rows, "masks are empty, one class everywhere", "look whether they are the right files")


def _orientation(dataset: PreparedDataset, counts: NDArray[np.int64]) -> Iterator[Finding]:
    class_count = int(np.flatnonzero(counts.any(0))[-1]) + 1
    rows = transposed_masks(dataset.images, dataset.segmentations, class_count)
    yield from _of_items(dataset, rows, "masks look transposed", "swap their rows and columns, or leave them out")
    if pictures_lie_on_side(dataset.images):
        yield Finding(
            "warning",
            "the pictures look transposed, as if they lay on their side: look at the contact sheet, and if they do, "
            "swap rows and columns of the source.",
        )


def _attributes(dataset: PreparedDataset, rows: dict[str, Rows]) -> Iterator[Finding]:
    schema, values = dataset.schema, dataset.attributes
    valid = (values >= 0) & (values <= 1)  # false for NaN
    bad = np.flatnonzero(~valid.all(1))
    if bad.size:
        what = _counted(dataset, bad, "items have attributes that are no numbers in [0, 1]")
        name = schema.attribute_names[int(np.flatnonzero(~valid[bad[0]])[0])]
        yield Finding("error", f"{what}, {name!r} for one; mend the table, and prepare the data again.")
    for group in schema.attribute_groups:
        total = values[:, [schema.attribute_names.index(name) for name in group]].sum(1)
        several = np.flatnonzero(total > 1 + 1e-4)
        yield from _of_items(
            dataset,
            several,
            f"items have more than one of {join_names(group)}",
            "these exclude each other, mend the table",
        )
    train = values[rows.get("train", [])]
    for name, column in zip(schema.attribute_names, train.T, strict=True):
        if len(column) > 1 and (column == column[0]).all():
            yield Finding("warning", f"attribute {name!r} is {column[0]:g} in all of train: it cannot be learned.")


def _landmarks(dataset: PreparedDataset) -> Iterator[Finding]:
    if dataset.landmarks is None:
        return
    broken = np.flatnonzero(~np.isfinite(dataset.landmarks).all((1, 2)))
    outside = np.flatnonzero(((dataset.landmarks < 0) | (dataset.landmarks > 1)).any((1, 2)))
    if broken.size:
        yield Finding(
            "error", f"{_counted(dataset, broken, 'items have landmarks without a number')}: prepare them again."
        )
    if outside.size:
        what = _counted(dataset, outside, "items have landmarks outside of the picture")
        yield Finding("warning", f"{what}: their masks are cut off there.")


def _duplicates(dataset: PreparedDataset) -> Iterator[Finding]:
    pairs = shared_pictures(dataset.images, dataset.splits)
    copies, similar = [pair for pair in pairs if pair.exact], [pair for pair in pairs if not pair.exact]
    remedy = "leave one of them out, for what was learned cannot be measured."
    if copies:
        yield Finding("error", f"the same picture is in {_places(dataset, copies)}: {remedy}")
    if similar:
        yield Finding("warning", f"what looks like one photograph is in {_places(dataset, similar)}: {remedy}")


def _places(dataset: PreparedDataset, pairs: list[Pair]) -> str:
    first, second, _ = pairs[0]
    more = f" (and {len(pairs) - 1} more)" if len(pairs) > 1 else ""
    return (
        f"{dataset.splits[first]} ({dataset.names[first]}) and {dataset.splits[second]} ({dataset.names[second]}){more}"
    )


def _skipped(table: Path) -> Iterator[Finding]:
    """The reasons why items were left out when the folder was made, those that differ in numbers only as one."""
    if not table.is_file():
        return
    with table.open(newline="", encoding="utf-8") as file:
        items = [(row["name"], row["reason"]) for row in csv.DictReader(file)]
    kinds: dict[str, list[tuple[str, str]]] = {}
    for name, reason in items:
        kinds.setdefault(re.sub(r"\d+", "0", reason.replace(name, "")), []).append((name, reason))
    for found in sorted(kinds.values(), key=len, reverse=True):
        name, reason = found[0]
        yield Finding("warning", f"left out when preparing: {len(found)} like {name}: {reason.rstrip('.')}.")
