"""DeepFashion's fashion-synthesis benchmark in its own layout: ``G2.h5``, ``language_original.mat``, ``ind.mat``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import center_square, cut_mask, cut_photo
from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.source import Item
from scgan.data.sources.unreadable_files import hdf5_error, mat_error
from scgan.data.splits import seeded_splits
from scgan.schema import ImageSize, Schema
from scgan.utils.colors import Color
from scgan.utils.errors import ItemError, UserError
from scgan.utils.optional import require_packages
from scgan.utils.text import Names, counted, join_names

CLASSES = ("background", "hair", "face", "upper clothes", "lower clothes", "legs and shoes", "arms")
_COLORS: tuple[Color, ...] = (
    (0, 0, 0),
    (120, 72, 34),
    (236, 188, 150),
    (214, 40, 70),
    (60, 140, 220),
    (90, 180, 90),
    (245, 190, 60),
)
_COLOR = Names(("color",))
# The benchmark has no validation split; the paper's test split stays as it is.
_VALIDATION_SHARE = 0.05
# A field with more values than this is not a category.
_MAX_VALUES = 64


@dataclass(frozen=True)
class DeepFashion:
    """A source: the rows of ``G2.h5`` that ``ind.mat`` names. Made by ``open_deepfashion``."""

    max_skipped: ClassVar[float] = 0.01

    schema: Schema
    names: tuple[str, ...]
    splits: tuple[str, ...]
    description: dict[str, Any]
    notes: SourceNotes
    images: Path
    rows: NDArray[np.int64]
    attributes: NDArray[np.float32]

    def read(self, index: int) -> Item:
        """One row, turned upright, with the colours of the photo.

        Raises:
            ItemError: the row cannot be read, or its colours are not those of a photo.
            UserError: its mask has other values than the seven classes.
        """
        row = int(self.rows[index])
        where = f"{self.images}, row {row + 1}"
        file, mean = _open(self.images)
        try:
            photo, mask = file["ih"][row] + mean, file["b_"][row, 0].T
        except OSError as error:
            raise ItemError(f"{where} cannot be read ({error})") from error
        low, high = float(photo.min()), float(photo.max())
        if not (low > -0.01 and high < 1.01):
            raise ItemError(f"{where}: the colours (ih + ih_mean) lie in {low:g}…{high:g}, not in 0…1")
        indices = np.nan_to_num(mask, nan=-1).astype(np.int64)
        if not np.array_equal(indices, mask):
            raise UserError(f"{where}: b_ does not hold whole numbers, so it is not a mask.")
        self.schema.require_segmentation(indices, where)
        # The file was written column-major: (colour, x, y) becomes (y, x, colour).
        upright = np.round(np.clip(photo.transpose(2, 1, 0), 0, 1) * 255).astype(np.uint8)
        segmentation, size = indices.astype(np.uint8), self.schema.image_size
        square = center_square(segmentation)
        return Item(cut_photo(upright, square, size), cut_mask(segmentation, square, size), self.attributes[index])


def open_deepfashion(folder: Path, size: ImageSize = 64, attributes: Names = _COLOR, seed: int = 0) -> DeepFashion:
    """DeepFashion's fashion synthesis benchmark, with its masks and colours.

    ``test_ind`` is the test split. A twentieth of ``train_ind``, drawn by ``seed``, becomes the validation split, all
    photos of one garment (``id_…`` in their names) together; the rest is for training.

    Each field of ``language_original.mat`` becomes a group of one-hot attributes ``color=1`` …, named by the word that
    the sentences (``engJ``) use for the value where there is exactly one.

    Args:
        folder: holds G2.h5, language_original.mat and ind.mat
        size: height and width of the images in pixels
        attributes: fields of language_original.mat to keep, with commas between: color, gender, sleeve
        seed: seed of the validation split, a twentieth of train_ind

    Raises:
        UserError: a file or key is missing, counts differ, or an attribute is unknown.

    Example:
        scgan prepare deepfashion deepfashion/ --out fashion --size 128
    """
    images, language, indices = _files(folder)
    require_packages("preparing DeepFashion", "deepfashion", "h5py")
    count = _image_count(images)
    fields, parts = _read_mat(language), _read_mat(indices)
    names = _names(fields, count)
    splits = _splits(indices, parts, names, seed)
    rows = np.array(sorted(splits), np.int64)
    warnings = []
    if len(rows) < count:
        warnings.append(
            f"{counted(count - len(rows), 'row')} of {images.name} in neither split of {indices.name}: left out"
        )
    groups: list[tuple[str, ...]] = []
    columns = [np.zeros((len(rows), 0), bool)]
    for attribute in attributes:
        group, one_hot, remarks = _category(language, fields, attribute, count)
        groups.append(group)
        columns.append(one_hot[rows])
        warnings += remarks
    description = {
        "source": "deepfashion",
        "folder": str(folder.resolve()),
        "items": len(rows),
        "size": size,
        "attributes": list(attributes),
        "seed": seed,
    }
    return DeepFashion(
        schema=Schema(size, CLASSES, _COLORS, tuple(name for group in groups for name in group), tuple(groups)),
        names=tuple(names[row] for row in rows),
        splits=tuple(splits[row] for row in rows.tolist()),
        description=description,
        notes=SourceNotes("those of the benchmark", "value 0", assumptions=tuple(warnings)),
        images=images,
        rows=rows,
        attributes=np.concatenate(columns, axis=1).astype(np.float32),
    )


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder: give the one that holds G2.h5, language_original.mat and ind.mat.")
    files = [folder / name for name in ("G2.h5", "language_original.mat", "ind.mat")]
    for file in files:
        if not file.is_file():
            raise UserError(f"{file} is missing: put the three files of DeepFashion's fashion synthesis there.")
    return files


def _splits(file: Path, parts: dict[str, Any], names: list[str], seed: int) -> dict[int, str]:
    """Row number → split, for the rows that ``ind.mat`` names."""
    train, test = (_rows(file, parts, key, len(names)) for key in ("train_ind", "test_ind"))
    both = np.intersect1d(train, test)
    if both.size:
        raise UserError(f"{file}: rows {join_names(both + 1)} are in train_ind and in test_ind.")
    garments = [re.findall(r"id_\d+", names[row]) or row for row in train]
    splits = seeded_splits([str(garment) for garment in garments], seed, validation=_VALIDATION_SHARE, test=0)
    return dict.fromkeys(test.tolist(), "test") | dict(zip(train.tolist(), splits, strict=True))


def _category(
    file: Path, fields: dict[str, Any], name: str, count: int
) -> tuple[tuple[str, ...], NDArray[np.bool_], list[str]]:
    """A field as one-hot attributes: their names, bool (count, n_values), and remarks about the names."""
    field = _field(file, fields, name, count)
    values = range(int(field.min()), int(field.max()) + 1)
    words = _words(field, fields.get("engJ", ()))
    remarks = []
    if words:
        pairs = ", ".join(f"{value} {word}" for value, word in sorted(words.items()))
        remarks.append(f"the values of {name} are named after the sentences: {pairs}")
    return tuple(f"{name}={words.get(value, value)}" for value in values), field[:, None] == np.array(values), remarks


@cache
def _open(file: Path) -> tuple[Any, NDArray[np.float32]]:
    """The open file and the mean image, once for each process, because a handle cannot be pickled."""
    import h5py

    # Chunks span several rows; without a cache each would be read again and again.
    try:
        opened = h5py.File(file, "r", rdcc_nbytes=64 << 20)
    except OSError as error:
        raise hdf5_error(file, error) from error
    return opened, opened["ih_mean"][:]


def _image_count(file: Path) -> int:
    """Number of rows; checks the shapes."""
    import h5py

    try:
        with h5py.File(file, "r") as opened:
            missing = [key for key in ("ih", "ih_mean", "b_") if key not in opened]
            if missing:
                raise UserError(f"{file} has no {join_names(missing)}; it holds {join_names(opened)}.")
            shapes = {key: opened[key].shape for key in ("ih", "ih_mean", "b_")}
    except OSError as error:
        raise hdf5_error(file, error) from error
    count, *image = shapes["ih"] if len(shapes["ih"]) == 4 else (0, 0)
    if not count or image[0] != 3 or shapes["ih_mean"] != (*image,) or shapes["b_"] != (count, 1, *image[1:]):
        raise UserError(
            f"{file}: ih {shapes['ih']}, ih_mean {shapes['ih_mean']} and b_ {shapes['b_']} do not fit "
            "together; expected are (N, 3, width, height), (3, width, height) and (N, 1, width, height)."
        )
    return int(count)


def _read_mat(file: Path) -> dict[str, Any]:
    from scipy.io import loadmat

    try:
        return {key: value for key, value in loadmat(file, squeeze_me=True).items() if not key.startswith("__")}
    except Exception as error:  # scipy's reader raises errors of many kinds for damaged files
        raise mat_error(file, error) from error


def _rows(file: Path, parts: dict[str, Any], key: str, count: int) -> NDArray[np.int64]:
    """Row numbers from 0 of one part of ``ind.mat``, which counts from 1."""
    if key not in parts:
        raise UserError(f"{file} has no {key}; it holds {join_names(parts)}.")
    numbers = np.atleast_1d(parts[key]).astype(np.int64)
    if numbers.size and (numbers.min() < 1 or numbers.max() > count):
        raise UserError(f"{file}: {key} goes from {numbers.min()} to {numbers.max()}, but G2.h5 has rows 1 to {count}.")
    if len(np.unique(numbers)) < numbers.size:
        raise UserError(f"{file}: {key} names a row twice.")
    return numbers - 1


def _field(file: Path, fields: dict[str, Any], name: str, count: int) -> NDArray[np.int64]:
    """The values of one field of whole numbers, int64 (count,). Its name in the file may end with an underscore."""
    arrays = {key.rstrip("_"): np.atleast_1d(value) for key, value in fields.items()}
    numeric = {key: value for key, value in arrays.items() if np.issubdtype(value.dtype, np.number)}
    if name.rstrip("_") not in numeric:
        raise UserError(f"{file} has no attribute {name!r}; it has {join_names(numeric)}.")
    values = numeric[name.rstrip("_")]
    if values.shape != (count,):
        raise UserError(f"{file}: {name} has shape {values.shape}, but G2.h5 has {counted(count, 'row')}.")
    whole = np.round(values).astype(np.int64)
    if not np.array_equal(whole, values) or np.ptp(whole) >= _MAX_VALUES:
        raise UserError(
            f"{file}: {name} is not a category, its values are not at most {_MAX_VALUES} successive numbers."
        )
    return whole


def _names(fields: dict[str, Any], count: int) -> list[str]:
    """The photos' names where each has one of its own, else row numbers from 1."""
    names = [str(name) for name in np.atleast_1d(fields.get("nameList", ()))]
    if len(names) == count == len(set(names)):
        return names
    return [f"{row + 1:06}" for row in range(count)]


def _words(values: NDArray[np.int64], sentences: Iterable[Any]) -> dict[int, str]:
    """Value → the one word that the sentences of its items have and others hardly have.

    The file numbers its colours and does not name them; its sentences do. A word is taken when the overlap (F1) of
    the sentences that have it with the items of the value is above 0.8, and that of no other word is as large.
    """
    split = [set(str(sentence).lower().split()) for sentence in sentences]
    if len(split) != len(values):
        return {}
    everywhere = Counter(word for words in split for word in words)
    names = {}
    for value in np.unique(values).tolist():
        rows = np.flatnonzero(values == value)
        here = Counter(word for row in rows for word in split[row])
        overlaps = sorted(((2 * n / (len(rows) + everywhere[word]), word) for word, n in here.items()), reverse=True)
        if overlaps and overlaps[0][0] > 0.8 and (len(overlaps) == 1 or overlaps[1][0] < overlaps[0][0]):
            names[value] = overlaps[0][1]
    return names if len(set(names.values())) == len(names) else {}
