"""Folders that ``save_to_disk`` of Hugging Face's ``datasets`` wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scgan.data.names import base_name, without_suffixes
from scgan.data.packed.items import PackedFile, PackedItem, is_file_name, one_mask, suffix_of
from scgan.utils.errors import UserError
from scgan.utils.optional import require_packages
from scgan.utils.text import join_names, shorten

if TYPE_CHECKING:
    from datasets import Dataset

_NAME_COLUMNS = ("name", "file_name", "filename", "image_name", "image_id", "id", "key")
_ONE_SPLIT = ""


def is_dataset(path: Path) -> bool:
    """Tell whether a folder is a ``Dataset`` or ``DatasetDict``."""
    return (path / "dataset_dict.json").is_file() or (
        (path / "dataset_info.json").is_file() and (path / "state.json").is_file()
    )


def read_dataset(path: Path) -> Iterator[PackedItem]:
    """Read all items.

    Raises:
        UserError: the library is not installed, the folder is damaged, or it has no columns of photos and masks.
    """
    splits = _open(path)
    photos, masks = _image_columns(path, next(iter(splits.values())))
    names = _names(splits)
    for split, dataset in splits.items():
        readers = _value_readers(dataset)
        for row, name in zip(_undecoded(dataset, photos, masks), names[split], strict=True):
            yield PackedItem(
                name=name,
                photo=_file(row[photos], f"{path}: {photos} of {name}"),
                mask=_file(row[masks], f"{path}: {masks} of {name}"),
                values={column: "" if row[column] is None else read(row[column]) for column, read in readers.items()},
                split=split or None,
            )


def _open(path: Path) -> dict[str, Dataset]:
    require_packages(f"reading {path}", "datasets", "datasets")
    import datasets

    try:
        opened = datasets.load_from_disk(str(path))
    except Exception as error:  # pyarrow and json raise many kinds
        raise UserError(
            f"{path} looks like a folder of Hugging Face's datasets, but cannot be opened ({shorten(error)}): save it "
            "again with save_to_disk."
        ) from error
    return dict(opened) if isinstance(opened, datasets.DatasetDict) else {_ONE_SPLIT: opened}


def _image_columns(path: Path, dataset: Dataset) -> tuple[str, str]:
    """Names of the columns of photos and masks."""
    from datasets import Image

    columns = [name for name, feature in dataset.features.items() if isinstance(feature, Image)]
    found = one_mask(columns)
    if found is None:
        has = f"its columns of images are {join_names(columns)}" if columns else "it has no column of images"
        raise UserError(
            f"{path}: {has}, and one of photos and one of masks are needed: remove or rename columns until there are "
            'two, "image" and "mask", of the type datasets.Image.'
        )
    return found


def _names(splits: Mapping[str, Dataset]) -> dict[str, list[str]]:
    """Names of the items of each split: those of a column that names them, else numbers."""
    first = next(iter(splits.values()))
    for column in (name for name in _NAME_COLUMNS if name in first.features):
        names = {
            split: [without_suffixes(base_name(str(value))) for value in dataset[column]]
            for split, dataset in splits.items()
        }
        every = [name for of_split in names.values() for name in of_split]
        if len(set(every)) == len(every) and all(map(is_file_name, every)):
            return names
    return {
        split: [f"{split}-{row:07d}".lstrip("-") for row in range(len(dataset))] for split, dataset in splits.items()
    }


def _value_readers(dataset: Dataset) -> dict[str, Any]:
    """Find for each column of single values a function that makes them text."""
    from datasets import ClassLabel, Value

    readers: dict[str, Any] = {}
    for name, feature in dataset.features.items():
        if isinstance(feature, ClassLabel):
            readers[name] = feature.int2str
        elif isinstance(feature, Value) and name not in _NAME_COLUMNS:
            readers[name] = _text
    return readers


def _text(value: Any) -> str:
    """Text of a value; a float32 has the few digits that give it again."""
    return str(np.float32(value)) if isinstance(value, float) and float(np.float32(value)) == value else str(value)


def _undecoded(dataset: Dataset, *columns: str) -> Dataset:
    """The data set with image files as bytes, as they were stored."""
    from datasets import Image

    for column in columns:
        dataset = dataset.cast_column(column, Image(decode=False))
    return dataset


def _file(stored: Mapping[str, Any] | None, where: str) -> PackedFile:
    if stored is None:
        raise UserError(f"{where} is missing: remove items without photo or mask.")
    content, path = stored["bytes"], stored["path"]
    if content is None:
        try:
            content = Path(path).read_bytes()
        except (OSError, TypeError) as error:
            raise UserError(
                f"{where} is the file {path}, which cannot be read ({shorten(error)}): put it back there."
            ) from error
    return PackedFile(content, suffix_of(path or "", content))
