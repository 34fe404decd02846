"""Columns of splits under their usual names."""

from __future__ import annotations

from typing import Any

import pytest

from photo_folder import PhotoFolder
from scgan.data.sources.folder import Folder
from scgan.utils.errors import UserError

SPLITS = ("train", "validation", "test", "train")


def open_with(data: PhotoFolder, name: str, cells: list[str], **options: Any) -> Folder:
    rows = [f"p{index}.jpg,{index % 2},{cell}" for index, cell in enumerate(cells)]
    data.write("table.csv", "\n".join([f"file,smile,{name}", *rows]))
    return data.open(**options)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("split", ["train", "val", "test", "train"]),
        ("Split", ["TRAIN", "VAL", "TEST", "TRAIN"]),
        ("SUBSET", ["Training", "Validation", "Testing", "Training"]),
        ("partition", ["0", "1", "2", "0"]),
        ("split", ["0", "1", "2", "0"]),
        ("set", ["train", "dev", "test", "train"]),
        ("phase", ["train", "valid", "test", "train"]),
        ("data split", ["train", "valid", "test", "train"]),
        ("group", ["train", "valid", "test", "train"]),
        ("Partition", ["0.0", "1.0", "2.0", "0.0"]),
        ("part", ["Train set", "validation-set", "TEST_SET", "train"]),
    ],
)
def test_splits_are_recognised(data: PhotoFolder, name: str, cells: list[str]) -> None:
    source = open_with(data, name, cells)
    assert source.splits == SPLITS and source.schema.attribute_names == ("smile",)
    said = [text for text in source.notes.assumptions if name in text]
    assert len(said) == (name != "split" or "0" in cells)


def test_a_column_of_another_name_is_chosen(data: PhotoFolder) -> None:
    source = open_with(data, "Use", ["train", "val", "test", "train"], split_column="Use")
    assert source.splits == SPLITS
    with pytest.raises(UserError, match="has no column 'use'; it has file, smile, Use"):
        data.open(split_column="use")


def test_a_column_that_is_named_as_attribute_is_one(data: PhotoFolder) -> None:
    source = open_with(data, "set", ["tea", "coffee", "tea", "tea"], columns=["set"])
    assert source.schema.attribute_names == ("set=coffee", "set=tea")
    assert any("no column of splits" in text for text in source.notes.assumptions)


@pytest.mark.parametrize(
    ("name", "cells", "message"),
    [
        (
            "split",
            ["train", "train", "train", "exam"],
            r"p3\.jpg has split 'exam'; expected is train, val",
        ),
        ("split", ["train", "train", "train", ""], r"p3\.jpg has split ''"),
        ("Subset", ["a", "b", "a", "b"], r"p0\.jpg has Subset 'a'.*name the attributes with --columns"),
        ("partition", ["0", "1", "0", "1"], "column 'partition' has only 0, 1, which may mean several splits"),
        ("split", ["1", "2", "3", "1"], r"p0\.jpg has split '1'"),
        ("fold", ["0", "1", "2", "3"], "column 'fold' looks like a split, not an attribute"),
        ("is_train", ["1", "0", "1", "1"], "column 'is_train' looks like a split"),
        ("Test", ["1", "0", "1", "1"], "column 'Test' looks like a split"),
        ("set,part", ["train,train"] * 4, "columns set, part look like splits: name one with --split-column"),
    ],
)
def test_splits_that_are_asked_about(data: PhotoFolder, name: str, cells: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        open_with(data, name, cells)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("fold_id", ["0", "1", "2", "3"]),
        ("kfold", ["0", "1", "2", "3"]),
        ("holdout", ["0", "1", "0", "0"]),
        ("cv_split", ["0", "1", "0", "0"]),
        ("purpose", ["train", "eval", "train", "eval"]),
        ("part", ["train", "trainval", "test", "train"]),
        ("origin", ["train", "unlabeled", "train", "train"]),
    ],
)
def test_columns_that_look_like_splits_are_asked_about(data: PhotoFolder, name: str, cells: list[str]) -> None:
    with pytest.raises(UserError, match=f"column '{name}' looks like a split, not an attribute"):
        open_with(data, name, cells)
    source = open_with(data, name, cells, columns=["smile"])
    assert source.schema.attribute_names == ("smile",)


@pytest.mark.parametrize(("name", "cells"), [("split_ends", ["yes", "no"] * 2), ("vehicle", ["train", "car"] * 2)])
def test_columns_that_are_no_splits(data: PhotoFolder, name: str, cells: list[str]) -> None:
    assert any(attribute.startswith(name) for attribute in open_with(data, name, cells).schema.attribute_names)
