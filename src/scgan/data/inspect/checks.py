"""Checks of a prepared folder. To add one, write a function and name it in ``CHECKS``."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.inspect.duplicates import Pair, shared_images
from scgan.data.inspect.orientation import TURNS, images_lie_on_side, mask_shift, mean_steps, turned_masks
from scgan.data.items import SPLITS
from scgan.data.prepare.account import count_reasons
from scgan.data.prepared import PreparedDataset
from scgan.schema import IGNORED, Schema
from scgan.utils.batching import batches
from scgan.utils.progress import progress
from scgan.utils.text import counted, join_names

Rows = NDArray[np.int64]

# Defects of single items are warnings up to this share of all items, and an error above it.
_MAX_WARNING_SHARE = 0.01
_MASKS_AT_ONCE = 512
_MAX_IGNORED = 0.5  # share of a mask's pixels
_MAX_TURNED = 0.5  # share of all masks; with more, a shift may say nothing
_CLEAR = 1.03

_EMPTY_SPLITS = {
    "train": "no items for train: nothing can be learned.",
    "validation": "no items for validation: the filter of `scgan synthesize` uses those for test instead.",
    "test": "no items for test: nothing can be measured.",
}


class Finding(NamedTuple):
    """Result of a check. An error spoils training or evaluation; a warning may be intended."""

    severity: Literal["error", "warning"]
    text: str


@dataclass(frozen=True)
class Context:
    """Input of the checks.

    Attributes:
        dataset: the data.
        class_counts: number of pixels of every class in every mask, int32 (N, n_classes).
        ignored_counts: number of pixels of every mask that belong to no class, int32 (N,).
        unknown_counts: number of pixels of every mask with a value that is neither, int32 (N,).
        unknown_values: these values, ascending.
        split_rows: row numbers of each split that has any.
    """

    dataset: PreparedDataset
    class_counts: NDArray[np.int32]
    ignored_counts: NDArray[np.int32]
    unknown_counts: NDArray[np.int32]
    unknown_values: NDArray[np.int64]
    split_rows: dict[str, Rows]

    @staticmethod
    def of(dataset: PreparedDataset) -> Context:
        rows = {split: dataset.rows_of(split) for split in SPLITS}
        return Context(
            dataset,
            *_counts(dataset.segmentations, dataset.schema),
            {split: numbers for split, numbers in rows.items() if numbers.size},
        )

    @cached_property
    def misplaced_masks(self) -> tuple[tuple[int, int], dict[int, Rows]]:
        """Pixels (right, down) by which all masks lie too far, and turn → rows of masks that are turned.

        A shift of all masks may look like mirrored masks, and turned masks like a shift. The one counts that leaves
        larger steps along the borders of the masks.
        """
        images, masks = self.dataset.images, _MovedMasks(self.dataset)
        class_count = int(max([0, *np.flatnonzero(self.class_counts.any(0)), *self.unknown_values])) + 1
        found, shift = turned_masks(images, masks, class_count), mask_shift(images, masks)
        if shift == (0, 0):
            return shift, found
        turn = max(found, key=lambda key: len(found[key]), default=0)
        most_are_turned = bool(turn) and len(found[turn]) > _MAX_TURNED * len(images)
        if most_are_turned and mean_steps(images, masks, turn) > _CLEAR * mean_steps(images, masks, shift=shift):
            return (0, 0), found
        return shift, turned_masks(images, _MovedMasks(self.dataset, shift), class_count)

    def count(self, rows: Rows, problem: str) -> str:
        return f"{len(rows)} of {len(self.dataset)} {problem} (the first: {self.dataset.names[rows[0]]})"

    def defects(self, rows: Rows, problem: str, remedy: str) -> Iterator[Finding]:
        """A finding about single items: a warning where they are few, an error where they are many."""
        if len(rows):
            many = len(rows) > _MAX_WARNING_SHARE * len(self.dataset)
            yield Finding("error" if many else "warning", f"{self.count(rows, problem)}: {remedy}.")


def empty_splits(context: Context) -> Iterator[Finding]:
    for split in SPLITS:
        if split not in context.split_rows:
            yield Finding("warning", _EMPTY_SPLITS[split])


def unknown_classes(context: Context) -> Iterator[Finding]:
    count = context.dataset.schema.class_count
    rows = np.flatnonzero(context.unknown_counts)
    if rows.size:
        masks = context.count(rows, "masks hold unknown class indices")
        values = join_names(context.unknown_values)
        yield Finding("error", f"{masks}: {values}, but there are {count} classes (0…{count - 1}); prepare them again.")


def absent_classes(context: Context) -> Iterator[Finding]:
    for index, name in enumerate(context.dataset.schema.class_names):
        splits = [split for split, rows in context.split_rows.items() if context.class_counts[rows, index].any()]
        if not splits:
            yield Finding("warning", f"class {name!r} never occurs: leave it out, or merge it with another one.")
        elif "train" in context.split_rows and "train" not in splits:
            yield Finding(
                "error", f"class {name!r} occurs in {' and '.join(splits)} but never in train: it cannot be learned."
            )


def empty_masks(context: Context) -> Iterator[Finding]:
    rows = np.flatnonzero((context.class_counts > 0).sum(1) + (context.unknown_counts > 0) <= 1)
    return context.defects(rows, "masks are empty, one class everywhere", "check that they are the right files")


def turned(context: Context) -> Iterator[Finding]:
    for turn, rows in context.misplaced_masks[1].items():
        remedy = (
            "swap their rows and columns, or leave them out"
            if TURNS[turn] == "transposed"
            else "turn them back (photos with an EXIF orientation: --mask-orientation), or leave them out"
        )
        yield from context.defects(rows, f"masks look {TURNS[turn]}", remedy)


def shifted(context: Context) -> Iterator[Finding]:
    right, down = context.misplaced_masks[0]
    sides = [(right, "right", "left"), (down, "down", "up")]
    parts = [f"{abs(pixels)} to the {forth if pixels > 0 else back}" for pixels, forth, back in sides[:1] if pixels]
    parts += [f"{abs(pixels)} {forth if pixels > 0 else back}" for pixels, forth, back in sides[1:] if pixels]
    if parts:
        yield Finding(
            "warning",
            f"the masks look shifted against their images, by pixels: {' and '.join(parts)}; check the program that "
            "wrote or resized them.",
        )


def ignored_pixels(context: Context) -> Iterator[Finding]:
    if context.dataset.schema.ignored:
        shares = context.ignored_counts / context.dataset.schema.image_size**2
        rows = np.flatnonzero(shares > _MAX_IGNORED)
        problem = f"masks have more than {_MAX_IGNORED:.0%} ignored pixels"
        yield from context.defects(rows, problem, "little can be learned from them, label more or leave them out")


def images_on_side(context: Context) -> Iterator[Finding]:
    if images_lie_on_side(context.dataset.images):
        yield Finding(
            "warning",
            "the images look transposed, as if they lay on their side: look at the contact sheet, and if they do, swap "
            "rows and columns of the source.",
        )


def invalid_attributes(context: Context) -> Iterator[Finding]:
    values = context.dataset.attributes
    valid = (values >= 0) & (values <= 1)  # false for NaN
    rows = np.flatnonzero(~valid.all(1))
    if rows.size:
        items = context.count(rows, "items have attributes that are not numbers in [0, 1]")
        name = context.dataset.schema.attribute_names[int(np.flatnonzero(~valid[rows[0]])[0])]
        yield Finding("error", f"{items}, {name!r} for one; fix the table, and prepare the data again.")


def conflicting_attributes(context: Context) -> Iterator[Finding]:
    schema = context.dataset.schema
    for group in schema.attribute_groups:
        columns = [schema.attribute_names.index(name) for name in group]
        rows = np.flatnonzero(context.dataset.attributes[:, columns].sum(1) > 1 + 1e-4)
        problem = f"items have more than one of {join_names(group)}"
        yield from context.defects(rows, problem, "these exclude each other, fix the table")


def constant_attributes(context: Context) -> Iterator[Finding]:
    train = context.dataset.attributes[context.split_rows.get("train", [])]
    for name, column in zip(context.dataset.schema.attribute_names, train.T, strict=True):
        if len(column) > 1 and (column == column[0]).all():
            yield Finding("warning", f"attribute {name!r} is {column[0]:g} in all of train: it cannot be learned.")


def invalid_landmarks(context: Context) -> Iterator[Finding]:
    landmarks = context.dataset.landmarks
    if landmarks is None:
        return
    rows = np.flatnonzero(~np.isfinite(landmarks).all((1, 2)))
    if rows.size:
        yield Finding("error", f"{context.count(rows, 'items have landmarks without a number')}: prepare them again.")
    rows = np.flatnonzero(((landmarks < 0) | (landmarks > 1)).any((1, 2)))
    if rows.size:
        items = context.count(rows, "items have landmarks outside of the image")
        yield Finding("warning", f"{items}: their masks are cut off there.")


def duplicates(context: Context) -> Iterator[Finding]:
    dataset = context.dataset
    pairs = shared_images(dataset.images, dataset.splits)
    copies, similar = [pair for pair in pairs if pair.exact], [pair for pair in pairs if not pair.exact]
    remedy = "leave one of them out, because scores for training images say nothing."
    if copies:
        yield Finding("error", f"the same image is in {_places(dataset, copies)}: {remedy}")
    if similar:
        yield Finding("warning", f"nearly the same image is in {_places(dataset, similar)}: {remedy}")


def skipped_items(context: Context) -> Iterator[Finding]:
    """Reasons for skipped items; reasons that differ in numbers only are counted together."""
    table = context.dataset.path / "skipped.csv"
    if not table.is_file():
        return
    try:
        with table.open(newline="", encoding="utf-8", errors="replace") as file:
            items = [(row["name"] or "?", row["reason"] or "?") for row in csv.DictReader(file)]
    except (KeyError, OSError, csv.Error) as error:
        yield Finding("warning", f"{table} cannot be read ({error}): it is not the list of skipped items.")
        return
    for reason in count_reasons(items):
        yield Finding("warning", f"skipped by prepare: {reason.items} like {reason.first}: {reason.text}.")


def rows_without_photo(context: Context) -> Iterator[Finding]:
    rows = context.dataset.account.source.rows_without_photo
    if rows:
        yield Finding("warning", f"{counted(len(rows), 'row')} of the table without a photo: {join_names(rows)}.")


CHECKS: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    empty_splits,
    unknown_classes,
    absent_classes,
    empty_masks,
    turned,
    shifted,
    ignored_pixels,
    images_on_side,
    invalid_attributes,
    conflicting_attributes,
    constant_attributes,
    invalid_landmarks,
    duplicates,
    skipped_items,
    rows_without_photo,
)


class _MovedMasks:
    """Masks that are read, filled where pixels are ignored, and moved back when they are indexed.

    Args:
        dataset: holds them.
        shift: pixels (right, down) by which they lie too far.
    """

    def __init__(self, dataset: PreparedDataset, shift: tuple[int, int] = (0, 0)) -> None:
        self._dataset, self._shift = dataset, shift

    def __getitem__(self, rows: Rows) -> NDArray[np.uint8]:
        dataset = self._dataset
        masks = dataset.generator_masks(rows) if dataset.schema.ignored else dataset.segmentations[rows]
        return np.roll(masks, (-self._shift[1], -self._shift[0]), (1, 2)) if any(self._shift) else masks


class _Counts(NamedTuple):
    """Counts of ``Context``."""

    classes: NDArray[np.int32]
    ignored: NDArray[np.int32]
    unknown: NDArray[np.int32]
    unknown_values: NDArray[np.int64]


def _counts(segmentations: NDArray[np.uint8], schema: Schema) -> _Counts:
    """Count the values of all masks."""
    known = schema.class_count
    parts, seen = [], np.zeros(256, np.int64)
    with progress("inspect: classes", len(segmentations), brief=True) as advance:
        for part in batches(len(segmentations), _MASKS_AT_ONCE):
            masks = segmentations[part].reshape(-1, segmentations[0].size)
            offsets = 256 * np.arange(len(masks))[:, None]
            found = np.bincount((masks + offsets).ravel(), minlength=256 * len(masks))
            values = found.reshape(-1, 256).astype(np.int32)
            ignored = values[:, IGNORED].copy()
            if schema.ignored:
                values[:, IGNORED] = 0
            seen += values.sum(0)
            parts.append((values[:, :known].copy(), ignored, values[:, known:].sum(1, dtype=np.int32)))
            advance(len(masks), "")
    classes, ignored, unknown = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Counts(classes, ignored, unknown, known + np.flatnonzero(seen[known:]))


def _places(dataset: PreparedDataset, pairs: list[Pair]) -> str:
    first, second, _ = pairs[0]
    more = f" (and {len(pairs) - 1} more)" if len(pairs) > 1 else ""
    return (
        f"{dataset.splits[first]} ({dataset.names[first]}) and {dataset.splits[second]} ({dataset.names[second]}){more}"
    )
