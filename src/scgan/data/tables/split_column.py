"""Column of a table that says to which split an item belongs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from scgan.data.items import SPLITS
from scgan.data.tables.cells import to_number
from scgan.data.tables.text_table import TextTable
from scgan.utils.errors import UserError
from scgan.utils.text import join_names

_SPLIT_OF = {
    **dict.fromkeys(("train", "training", "trn", "trainset", "train_set", "tr"), "train"),
    **dict.fromkeys(("validation", "val", "valid", "validate", "dev", "development", "validating"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "testset", "test_set", "te"), "test"),
}
_NAMES = frozenset({"split", "splits", "subset", "partition", "set", "phase", "usage", "dataset_split", "data_split"})
_FOLD_NAMES = frozenset({"fold", "folds", "kfold", "k_fold", "cv", "cv_fold"})
_FLAG_NAMES = frozenset(
    f"{prefix}{separator}{name}"
    for prefix in ("is", "in")
    for separator in ("", "_", " ", "-")
    for name in ("train", "training", "test", "testing", "val", "valid", "validation")
) | frozenset(SPLITS)
# Values beside "train" that show a column of splits which cannot be read.
_OTHER_SPLITS = frozenset(
    {"eval", "evaluation", "trainval", "train_val", "holdout", "hold_out", "unlabeled", "unlabelled", "extra", "unused"}
    | {"publictest", "privatetest", "public_test", "private_test", "minival", "testdev", "test_dev", "val2", "query"}
    | {"gallery", "calibration"}
)
_FOLD_WORDS = frozenset({"fold", "folds", "kfold", "holdout"})
_SPLIT_WORDS = frozenset({"split", "splits", "partition", "subset"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_NUMBERED = {0.0: "train", 1.0: "validation", 2.0: "test"}


def find_split_column(table: TextTable, key: str, attributes: Collection[str] | None, chosen: str | None) -> str | None:
    """The column of splits, or None where the table has none.

    It is called split, subset, partition, set, phase or usage in any case, or every cell is the name of a split.

    Args:
        table: the table.
        key: column that names the item.
        attributes: columns that were named as attributes, or None for all.
        chosen: column that was named as the splits.

    Raises:
        UserError: ``chosen`` is no column, there are several candidates, or a column looks like a split in a form that
            cannot be read.
    """
    if chosen is not None:
        if chosen not in table.header:
            raise UserError(f"{table.file} has no column {chosen!r}; it has {join_names(table.header)}.")
        return chosen
    names = [name for name in table.header if name != key and name not in (attributes or ())]
    if "split" in names:
        return "split"
    candidates = [name for name in names if _lower(name) in _NAMES or _has_split_names(table.column(name))]
    if len(candidates) > 1:
        raise UserError(
            f"{table.file}: columns {join_names(candidates)} look like splits: name one with --split-column, and the "
            "attributes with --columns."
        )
    if candidates:
        return candidates[0]
    for name in names if attributes is None else ():
        if _looks_like_split(name, table.column(name)):
            raise UserError(
                f"{table.file}: column {name!r} looks like a split, not an attribute: write a column split with train, "
                "validation and test, or name the attributes with --columns."
            )
    return None


def read_splits(table: TextTable, column: str, cells: Sequence[str], names: Sequence[str]) -> tuple[list[str], str]:
    """The split of each item, and a sentence about what was assumed, or "".

    Args:
        table: names the file in errors.
        column: name of the column.
        cells: its cell for each item.
        names: name of each item in the table, for errors.

    Raises:
        UserError: a cell is not the name of a split.
    """
    numbers = [to_number(cell) for cell in cells]
    assumption = "" if column == "split" else f"column {column} of {table.file.name} gives the splits"
    if all(number in _NUMBERED for number in numbers):
        if 2.0 not in numbers:
            raise UserError(
                f"{table.file}: column {column!r} has only {join_names(sorted(set(cells)))}, which may mean several "
                "splits: write train, validation and test, or leave it out by naming the attributes with --columns."
            )
        splits = [_NUMBERED[number] for number in numbers if number is not None]
        return splits, f"{column} 0, 1, 2 of {table.file.name} is train, validation, test, as in CelebA"
    splits = []
    for cell, name in zip(cells, names, strict=True):
        if (split := _split_of(cell)) is None:
            raise UserError(
                f"{table.file}: {name} has {column} {cell!r}; expected is train, validation or test; if it is not a "
                "split, name the attributes with --columns."
            )
        splits.append(split)
    return splits, assumption


def _has_split_names(cells: Sequence[str]) -> bool:
    found = {_split_of(cell) for cell in cells}
    return None not in found and "train" in found


def _split_of(cell: str) -> str | None:
    """The split that a cell names, as in "train", "Train set"; None for others."""
    return _SPLIT_OF.get(_lower(cell).removesuffix("_set"))


def _looks_like_split(name: str, cells: Sequence[str]) -> bool:
    """True for a column of folds, flags or splits that cannot be read as splits."""
    words = [word.lower() for word in _WORD.findall(name)]
    if _lower(name) in _FOLD_NAMES | _FLAG_NAMES or set(words) & _FOLD_WORDS or set(words[-1:]) & _SPLIT_WORDS:
        return True
    others = {_lower(cell) for cell in cells if cell and _split_of(cell) is None}
    return bool(others) and others <= _OTHER_SPLITS and any(_split_of(cell) == "train" for cell in cells)


def _lower(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
