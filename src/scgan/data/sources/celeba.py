"""CelebA in its own layout: aligned photos, masks drawn from detected landmarks (section 5.1 of the paper)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import Square, cut_photo, read_photo
from scgan.data.items import SPLITS
from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.source import Item
from scgan.data.sources.celeba_files import find_list, find_photos, photo_files, read_attributes, read_column
from scgan.data.splits import seeded_splits
from scgan.faces.detector import DetectorName, choose_detector, shared_detector
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS, LEFT_EYE, RIGHT_EYE
from scgan.faces.rasterize import rasterize
from scgan.schema import ImageSize, Schema
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import Names, counted

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

    max_skipped: ClassVar[float] = 0.05  # no face is found where one is turned away or covered

    schema: Schema
    names: tuple[str, ...]
    splits: tuple[str, ...]
    description: dict[str, Any]
    notes: SourceNotes
    photos: Path
    files: tuple[str, ...]
    attributes: NDArray[np.float32]
    detector: DetectorName

    def read(self, index: int) -> Item:
        """One photo with the mask and landmarks of its face.

        Raises:
            ItemError: the photo is missing or damaged, has another size, or shows no face.
        """
        file = self.photos / self.files[index]
        photo = read_photo(file)
        height, width = photo.shape[:2]
        if (width, height) != (PHOTO_WIDTH, PHOTO_HEIGHT):
            raise ItemError(
                f"{file} is {width}×{height} pixels, aligned CelebA photos are {PHOTO_WIDTH}×{PHOTO_HEIGHT}"
            )
        pixels = shared_detector(self.detector).detect(photo) * (width, height)
        landmarks = ((pixels - (_CROP.left, _CROP.top)) / _CROP.side).astype(np.float32)
        if np.linalg.norm(landmarks[_BOTH_EYES].mean(axis=0) - _EYES) > _MAX_EYE_DISTANCE:
            raise ItemError("the only face found is not the one that the photo is aligned to")
        size = self.schema.image_size
        return Item(cut_photo(photo, _CROP, size), rasterize(landmarks, size), self.attributes[index], landmarks)


def open_celeba(
    folder: Path,
    size: ImageSize = 64,
    attributes: Names = PAPER_ATTRIBUTES,
    seed: int = 0,
    detector: DetectorName = "auto",
) -> CelebA:
    """CelebA's aligned photos; masks are drawn from 68 facial landmarks.

    The folder holds ``img_align_celeba/``, ``list_attr_celeba.txt``, and optionally ``list_eval_partition.txt`` and
    ``identity_CelebA.txt``. Lists may be CSV files, photos PNG files in a nested folder of the same name. Without a
    partition a tenth each goes to validation and test, drawn by ``seed``: whole persons where the identities are known.

    Args:
        folder: holds img_align_celeba/ and list_attr_celeba.txt
        size: height and width of the images in pixels
        attributes: columns of list_attr_celeba.txt to keep, with commas between
        seed: seed of the split, where list_eval_partition.txt is missing
        detector: finds the landmarks; auto takes mediapipe, which is free to use, or dlib, the paper's, if only that is
            installed

    Raises:
        UserError: a file, folder or the detector is missing, a table is damaged, or an attribute is unknown.

    Example:
        scgan prepare celeba celeba/ --out faces --size 64
    """
    table, photos = _find(folder)
    listed, listed_values = read_attributes(table, attributes)
    files = photo_files(photos)
    stems = [os.path.splitext(name)[0] for name in listed]
    kept = [index for index, stem in enumerate(stems) if stem in files]
    if not kept:
        raise UserError(
            f"{photos} has none of the photos of {table} ({listed[0]}, …): unpack img_align_celeba.zip there."
        )
    names, values = [listed[index] for index in kept], listed_values[kept]
    splits, assumptions = _splits(folder, names, seed)
    extra = len(files.keys() - set(stems))
    if extra:
        assumptions.append(f"{counted(extra, 'file')} of {photos} without a row in {table.name}: left out")
    found_by: DetectorName = choose_detector(detector)
    description = {
        "source": "celeba",
        "folder": str(folder.resolve()),
        "items": len(names),
        "size": size,
        "attributes": list(attributes),
        "seed": seed,
        "detector": found_by,
    }
    schema = Schema(size, FACE_CLASSES, FACE_COLORS, tuple(attributes), landmarks=True)
    notes = SourceNotes(
        classes=f"drawn from landmarks that {found_by} found",
        background="everything but the face",
        rows_without_photo=tuple(name for name, stem in zip(listed, stems, strict=True) if stem not in files),
        assumptions=tuple(assumptions),
    )
    paths = tuple(files[stems[index]] for index in kept)
    return CelebA(schema, tuple(names), tuple(splits), description, notes, photos, paths, values, found_by)


def _find(folder: Path) -> tuple[Path, Path]:
    """The list of attributes and the folder of photos."""
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder: give the one that holds img_align_celeba and list_attr_celeba.txt.")
    photos = find_photos(folder, ("img_align_celeba", "img_align_celeba_png"))
    table = find_list(folder, "list_attr_celeba")
    if photos is None or table is None:
        missing = folder / ("img_align_celeba" if photos is None else "list_attr_celeba.txt")
        problem = "has no photos" if missing.exists() else "is missing"
        raise UserError(f"{missing} {problem}: unpack CelebA there, under CelebA's own names.")
    return table, photos


def _splits(folder: Path, names: list[str], seed: int) -> tuple[list[str], list[str]]:
    """The split of each photo, and sentences about what was assumed."""
    partition, identities = find_list(folder, "list_eval_partition"), find_list(folder, "identity_CelebA")
    if partition:
        numbers = read_column(partition, names)
        for name, number in zip(names, numbers, strict=True):
            if number not in ("0", "1", "2"):
                raise UserError(
                    f"{partition}: {name} is in part {number!r}; expected is 0 (train), 1 (validation) or 2 (test)."
                )
        return [SPLITS[int(number)] for number in numbers], []
    missing = folder / "list_eval_partition.txt"
    if identities:
        splits = seeded_splits(read_column(identities, names), seed)
        return splits, [f"{missing} is missing: split 80/10/10 by person, with seed {seed}"]
    return seeded_splits(names, seed), [
        f"{missing} and identity_CelebA.txt are missing: split 80/10/10 by photo, with seed {seed}; a person may be in "
        "two splits"
    ]
