"""CelebA in its own layout: aligned photos, masks drawn from dlib's landmarks (section 5.1 of the paper)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import Square, cut_photo, read_photo
from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.source import Item
from scgan.data.prepared import SPLITS
from scgan.data.splits import seeded_splits
from scgan.faces.detector import Detector
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS, LEFT_EYE, RIGHT_EYE
from scgan.faces.rasterize import rasterize
from scgan.schema import ImageSize, Schema
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import Names, join_names, read_text

PAPER_ATTRIBUTES = Names(("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young"))

PHOTO_WIDTH, PHOTO_HEIGHT = 178, 218
_CROP = Square(0, (PHOTO_HEIGHT - PHOTO_WIDTH) // 2, PHOTO_WIDTH)
# The middle of the eyes in the crop, by CelebA's alignment. In 12,148 aligned photos the farthest was 0.09 away; a face
# beyond 0.15 belongs to a person in the background.
_EYES = (0.5, 0.511)
_BOTH_EYES = slice(LEFT_EYE.start, RIGHT_EYE.stop)
_MAX_EYE_DISTANCE = 0.15


@dataclass(frozen=True)
class CelebA:
    """A source: aligned photos of 178×218 pixels, cut to the central 178×178. Made by ``open_celeba``."""

    max_skipped: ClassVar[float] = 0.05  # dlib finds no face where one is turned away or covered

    schema: Schema
    names: tuple[str, ...]
    splits: tuple[str, ...]
    description: dict[str, Any]
    notes: SourceNotes
    photos: Path
    attributes: NDArray[np.float32]

    def read(self, index: int) -> Item:
        """One photo with the mask and landmarks of its face.

        Raises:
            ItemError: the photo is missing or damaged, has another size, or shows no face.
        """
        file = self.photos / self.names[index]
        photo = read_photo(file)
        height, width = photo.shape[:2]
        if (width, height) != (PHOTO_WIDTH, PHOTO_HEIGHT):
            raise ItemError(
                f"{file} is {width}×{height} pixels, aligned CelebA photos are {PHOTO_WIDTH}×{PHOTO_HEIGHT}"
            )
        pixels = _detector().detect(photo) * (width, height)
        landmarks = ((pixels - (_CROP.left, _CROP.top)) / _CROP.side).astype(np.float32)
        if np.linalg.norm(landmarks[_BOTH_EYES].mean(axis=0) - _EYES) > _MAX_EYE_DISTANCE:
            raise ItemError("the only face found is not the one that the photo is aligned to")
        size = self.schema.image_size
        return Item(cut_photo(photo, _CROP, size), rasterize(landmarks, size), self.attributes[index], landmarks)


@cache
def _detector() -> Detector:
    return Detector()  # one for each process: it cannot be sent, and loading it takes a second


def open_celeba(folder: Path, size: ImageSize = 64, attributes: Names = PAPER_ATTRIBUTES, seed: int = 0) -> CelebA:
    """CelebA's aligned photos; masks are drawn from 68 facial landmarks.

    The folder holds ``img_align_celeba/``, ``list_attr_celeba.txt``, and optionally ``list_eval_partition.txt`` and
    ``identity_CelebA.txt``. Without a partition a tenth each goes to validation and test, drawn by ``seed``: whole
    persons where the identities are known.

    Args:
        folder: holds img_align_celeba/ and list_attr_celeba.txt
        size: height and width of the images in pixels
        attributes: columns of list_attr_celeba.txt to keep, with commas between
        seed: seed of the split, where list_eval_partition.txt is missing

    Raises:
        UserError: a file or folder is missing, a table is damaged, or an attribute is unknown.

    Example:
        scgan prepare celeba celeba/ --out faces --size 64
    """
    photos, table = folder / "img_align_celeba", folder / "list_attr_celeba.txt"
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder: give the one that holds img_align_celeba and list_attr_celeba.txt.")
    if not photos.is_dir() or not table.is_file():
        missing = photos if not photos.is_dir() else table
        raise UserError(f"{missing} is missing: unpack CelebA there, under CelebA's own names.")
    files = {entry.name for entry in os.scandir(photos)}
    names, values = _read_attributes(table, attributes)
    if not files.intersection(names):
        raise UserError(
            f"{photos} has none of the photos of {table} ({names[0]}, …): unpack img_align_celeba.zip there."
        )
    splits, warnings = _splits(folder, names, seed)
    extra = len(files.difference(names))
    if extra:
        warnings.append(f"{extra} files of {photos} have no row in {table.name} and are left out")
    description = {
        "source": "celeba",
        "folder": str(folder.resolve()),
        "items": len(names),
        "size": size,
        "attributes": list(attributes),
        "seed": seed,
    }
    schema = Schema(size, FACE_CLASSES, FACE_COLORS, tuple(attributes), landmarks=True)
    notes = SourceNotes("drawn from landmarks", "everything but the face", assumptions=tuple(warnings))
    return CelebA(schema, tuple(names), tuple(splits), description, notes, photos, values)


def _read_attributes(table: Path, attributes: tuple[str, ...]) -> tuple[list[str], NDArray[np.float32]]:
    """Names of the photos, and float32 (N, n_attributes), 0 or 1."""
    lines = _lines(table)
    _, count = next(lines, (0, ""))
    _, header = next(lines, (0, ""))
    if not count.strip().isdecimal() or not header.strip():
        raise UserError(
            f"{table} does not begin with the number of photos and the names of the attributes, as CelebA's."
        )
    names = header.split()
    for name in attributes:
        if name not in names:
            raise UserError(f"unknown attribute {name!r}; {table} has {', '.join(names)}.")
    columns = [names.index(name) + 1 for name in attributes]
    rows: dict[str, list[int]] = {}
    for number, line in lines:
        cells = line.split()
        if len(cells) != len(names) + 1:
            raise UserError(f"{table}, line {number} has {len(cells)} columns, {len(names) + 1} are expected.")
        _require_new(cells[0], rows, table, number)
        for column in columns:
            if cells[column] not in ("1", "-1", "0"):
                raise UserError(f"{table}, line {number}: {names[column - 1]} is {cells[column]!r}, neither 1 nor -1.")
        rows[cells[0]] = [int(cells[column] == "1") for column in columns]
    if len(rows) != int(count):
        raise UserError(f"{table} has {len(rows)} rows, its first line says {int(count)}: is it complete?")
    if not rows:
        raise UserError(f"{table} has no rows.")
    return list(rows), np.array(list(rows.values()), np.float32).reshape(len(rows), len(columns))


def _splits(folder: Path, names: list[str], seed: int) -> tuple[list[str], list[str]]:
    """The split of each photo, and warnings."""
    partition, identities = folder / "list_eval_partition.txt", folder / "identity_CelebA.txt"
    if partition.is_file():
        numbers = _read_column(partition, names)
        for name, number in zip(names, numbers, strict=True):
            if number not in ("0", "1", "2"):
                raise UserError(
                    f"{partition}: {name} is in part {number!r}; expected is 0 (train), 1 (validation) or 2 (test)."
                )
        return [SPLITS[int(number)] for number in numbers], []
    if identities.is_file():
        splits = seeded_splits(_read_column(identities, names), seed)
        return splits, [f"{partition} is missing: split 80/10/10 by person, with seed {seed}"]
    return seeded_splits(names, seed), [
        f"{partition} and {identities.name} are missing: split 80/10/10 by photo, with seed {seed}; a person may be in "
        "two splits"
    ]


def _read_column(table: Path, names: list[str]) -> list[str]:
    """The second column of a table of two, in the order of ``names``."""
    values: dict[str, str] = {}
    for number, line in _lines(table):
        cells = line.split()
        if len(cells) != 2:
            raise UserError(f"{table}, line {number} has {len(cells)} columns, 2 are expected.")
        _require_new(cells[0], values, table, number)
        values[cells[0]] = cells[1]
    missing = [name for name in names if name not in values]
    if missing:
        raise UserError(f"{table} has no row for {join_names(missing)}.")
    return [values[name] for name in names]


def _lines(table: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines (from 1) that are not blank."""
    return ((number, line) for number, line in enumerate(read_text(table).splitlines(), start=1) if line.strip())


def _require_new(name: str, rows: dict[str, Any], table: Path, number: int) -> None:
    if name in rows:
        raise UserError(f"{table}, line {number}: {name} occurs a second time.")
