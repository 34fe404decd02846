"""CelebAMask-HQ as published: photos of 1024×1024 pixels, and for each part of a face a mask of half the size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import Square, cut_mask, cut_photo, decode, open_photo
from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.source import Item
from scgan.data.sources.celeba import PAPER_ATTRIBUTES
from scgan.data.sources.celeba_files import photo_files, read_attributes
from scgan.data.splits import seeded_splits
from scgan.data.tables.table_text import read_table_text
from scgan.schema import ImageSize, Schema
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import Names, join_names

# Parts in the order in which the authors paint them (g_mask.py): a later one covers an earlier one.
PARTS = (
    "skin",
    "nose",
    "eye_g",
    "l_eye",
    "r_eye",
    "l_brow",
    "r_brow",
    "l_ear",
    "r_ear",
    "mouth",
    "u_lip",
    "l_lip",
    "hair",
    "hat",
    "ear_r",
    "neck_l",
    "neck",
    "cloth",
)
# l_lip is the lower lip, ear_r an earring, neck_l a necklace.
_MIRRORED = (("l_eye", "r_eye"), ("l_brow", "r_brow"), ("l_ear", "r_ear"))

_PHOTOS, _MASKS = "CelebA-HQ-img", "CelebAMask-HQ-mask-anno"
_ATTRIBUTES, _MAPPING = "CelebAMask-HQ-attribute-anno.txt", "CelebA-HQ-to-CelebA-mapping.txt"
_MASKS_IN_A_FOLDER = 2000
# Numbers of the last photos of CelebA's training and validation splits (list_eval_partition.txt).
_LAST_TRAIN, _LAST_VALIDATION = 162770, 182637


@dataclass(frozen=True)
class CelebAMaskHQ:
    """A source: whole photos with masks of 19 classes. Made by ``open_celebamask_hq``."""

    max_skipped: ClassVar[float] = 0.01

    schema: Schema
    names: tuple[str, ...]
    splits: tuple[str, ...]
    description: dict[str, Any]
    notes: SourceNotes
    photos: Path
    masks: Path
    files: tuple[str, ...]
    attributes: NDArray[np.float32]

    def read(self, index: int) -> Item:
        """One photo, with the masks of its parts painted over one another.

        Raises:
            ItemError: the photo or all masks are missing, one is damaged, or they are not square or differ in size.
        """
        file = self.photos / self.files[index]
        photo, _, notes = open_photo(file)
        height, width = photo.shape[:2]
        if height != width:
            raise ItemError(f"{file} is {width}×{height} pixels, photos of CelebAMask-HQ are square")
        mask = self._mask(int(Path(self.names[index]).stem))
        size = self.schema.image_size
        image = cut_photo(photo, Square(0, 0, width), size)
        return Item(image, cut_mask(mask, Square(0, 0, len(mask)), size), self.attributes[index], notes=notes)

    def _mask(self, number: int) -> NDArray[np.uint8]:
        """The mask of a face: uint8 (H, H), class indices."""
        folder = self.masks / str(number // _MASKS_IN_A_FOLDER)
        folder = folder if folder.is_dir() else self.masks
        painted: NDArray[np.uint8] | None = None
        for index, part in enumerate(PARTS, start=1):
            file = folder / f"{number:05}_{part}.png"
            if not file.is_file():
                continue
            pixels = np.asarray(decode(file).convert("L"))
            if pixels.shape[0] != pixels.shape[1] or (painted is not None and painted.shape != pixels.shape):
                raise ItemError(f"{file} has another size than the other masks, {pixels.shape[1]}×{pixels.shape[0]}")
            if not set(np.unique(pixels).tolist()) <= {0, 1, 255}:
                raise ItemError(f"{file} has grey values between black and white: it was smoothed or compressed")
            painted = np.zeros(pixels.shape, np.uint8) if painted is None else painted
            painted[pixels > 0] = index
        if painted is None:
            raise ItemError(f"{folder} has no masks of {number:05}")
        return painted


def open_celebamask_hq(
    folder: Path, size: ImageSize = 64, attributes: Names = PAPER_ATTRIBUTES, seed: int = 0
) -> CelebAMaskHQ:
    """CelebAMask-HQ's photos and masks of 19 classes.

    The folder holds ``CelebA-HQ-img/``, ``CelebAMask-HQ-mask-anno/``, ``CelebAMask-HQ-attribute-anno.txt`` and
    ``CelebA-HQ-to-CelebA-mapping.txt``. The splits are CelebA's, by the mapping; without it a tenth each goes to
    validation and test, drawn by ``seed``.

    Args:
        folder: holds CelebA-HQ-img/, CelebAMask-HQ-mask-anno/ and the lists
        size: height and width of the images in pixels
        attributes: columns of the list of attributes to keep, with commas between
        seed: seed of the split, where the mapping to CelebA is missing

    Raises:
        UserError: a file or folder is missing, a table is damaged, or an attribute is unknown.

    Example:
        scgan prepare celebamask-hq CelebAMask-HQ/ --out faces --size 128
    """
    folder, photos, masks, table = _find(folder)
    listed, values = read_attributes(table, attributes)
    files = photo_files(photos)
    kept = [index for index, name in enumerate(listed) if Path(name).stem in files]
    names = [listed[index] for index in kept]
    if not names or not all(Path(name).stem.isdecimal() for name in names):
        raise UserError(
            f"{photos} has none of the photos of {table} ({listed[0]}, …), which are called 0.jpg, 1.jpg, …"
        )
    splits, assumptions = _splits(folder / _MAPPING, names, seed)
    return CelebAMaskHQ(
        schema=Schema(
            image_size=size,
            class_names=("background", *PARTS),
            class_colors=distinct_colors(1 + len(PARTS)),
            attribute_names=tuple(attributes),
            mirrored_classes=_MIRRORED,
        ),
        names=tuple(names),
        splits=tuple(splits),
        description={
            "source": "celebamask-hq",
            "folder": str(folder.resolve()),
            "items": len(names),
            "size": size,
            "attributes": list(attributes),
            "seed": seed,
        },
        notes=SourceNotes(
            classes="one file for each part, painted in the authors' order",
            background="pixels of no part",
            rows_without_photo=tuple(name for name in listed if Path(name).stem not in files),
            assumptions=tuple(assumptions),
        ),
        photos=photos,
        masks=masks,
        files=tuple(files[Path(name).stem] for name in names),
        attributes=values[kept],
    )


def _find(folder: Path) -> tuple[Path, Path, Path, Path]:
    """The folder of the lists, the folders of photos and masks, and the list of attributes."""
    folder = folder / "CelebAMask-HQ" if (folder / "CelebAMask-HQ" / _PHOTOS).is_dir() else folder
    paths = folder / _PHOTOS, folder / _MASKS, folder / _ATTRIBUTES
    if missing := [path.name for path in paths if not path.exists()]:
        raise UserError(f"{folder} has no {join_names(missing)}: give the folder of the unpacked CelebAMask-HQ.zip.")
    return (folder, *paths)


def _splits(mapping: Path, names: Sequence[str], seed: int) -> tuple[list[str], list[str]]:
    """The split of each photo, and sentences about what was assumed."""
    if not mapping.is_file():
        return seeded_splits(names, seed), [
            f"{mapping} is missing: split 80/10/10 by photo, with seed {seed}; a person may be in two splits"
        ]
    original = _read_mapping(mapping)
    missing = [name for name in names if int(Path(name).stem) not in original]
    if missing:
        raise UserError(f"{mapping} has no row for {join_names(missing)}: is it complete?")
    return [_split_of(original[int(Path(name).stem)]) for name in names], []


def _read_mapping(file: Path) -> dict[int, int]:
    """Number in CelebAMask-HQ → number of the photo in CelebA (from 1)."""
    numbers: dict[int, int] = {}
    for line_number, line in enumerate(read_table_text(file).split("\n"), start=1):
        cells = line.replace(",", " ").split()
        if not cells or (line_number == 1 and not cells[0].isdecimal()):
            continue
        stem = cells[-1].rpartition(".")[0]
        if len(cells) != 3 or not cells[0].isdecimal() or not stem.isdecimal():
            raise UserError(
                f"{file}, line {line_number} is {line.strip()!r}; expected are idx, orig_idx and orig_file, as in "
                "'0 119613 119614.jpg'."
            )
        numbers[int(cells[0])] = int(stem)
    return numbers


def _split_of(number: int) -> str:
    if number <= _LAST_TRAIN:
        return "train"
    return "validation" if number <= _LAST_VALIDATION else "test"
