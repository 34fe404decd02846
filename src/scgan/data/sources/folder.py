"""Anyone's own data: a folder of photos, a folder of masks with the same names, and if wanted a table of labels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import (
    SUFFIXES,
    Square,
    center_square,
    cut_mask,
    cut_photo,
    foreground_square,
    read_photo,
    whole_square,
)
from scgan.data.masks import Classes, find_classes, mirrored_pairs, read_classes
from scgan.data.merge import merged, read_merge
from scgan.data.prepare.source import Item
from scgan.data.splits import seeded_splits
from scgan.data.table import Labels, read_labels
from scgan.schema import Schema
from scgan.utils.errors import ItemError, UserError

# How a picture that is not square becomes one.
CROPS: Mapping[str, Callable[[NDArray[np.uint8]], Square]] = {
    "center": center_square,
    "foreground": foreground_square,
    "pad": whole_square,
}
# So many masks are looked at before the work begins: classes that do not fit show themselves at once.
_MASKS_TO_CHECK = 64


@dataclass(frozen=True)
class Folder:
    """A source: pairs of photo and mask. Made by ``open_folder``."""

    schema: Schema
    names: tuple[str, ...]
    splits: tuple[str, ...]
    description: dict[str, Any]
    warnings: tuple[str, ...]
    photos: Mapping[str, Path]
    masks: Mapping[str, Path]
    classes: Classes
    crop: Callable[[NDArray[np.uint8]], Square]
    attributes: NDArray[np.float32]

    def read(self, index: int) -> Item:
        """One pair, cut to a square.

        Raises:
            ItemError: photo or mask is missing or damaged, they differ in size, or the mask has nothing to crop to.
            UserError: the mask has a value or colour that is no class.
        """
        name = self.names[index]
        for what, files in (("photo", self.photos), ("mask", self.masks)):
            if name not in files:
                raise ItemError(f"{name} has no {what}")
        photo = read_photo(self.photos[name])
        mask = self.classes.read(self.masks[name])
        if photo.shape[:2] != mask.shape:
            (height, width), (mask_height, mask_width) = photo.shape[:2], mask.shape
            swapped = "; it looks transposed" if (height, width) == (mask_width, mask_height) else ""
            raise ItemError(
                f"{self.photos[name]} is {width}×{height} pixels, its mask {mask_width}×{mask_height}{swapped}"
            )
        square, size = self.crop(mask), self.schema.image_size
        return Item(cut_photo(photo, square, size), cut_mask(mask, square, size), self.attributes[index])


def open_folder(
    images: Path,
    masks: Path,
    size: int,
    table: Path | None = None,
    classes: Path | None = None,
    merge: Path | None = None,
    columns: Sequence[str] | None = None,
    crop: str = "center",
    seed: int = 0,
) -> Folder:
    """Pair photos and masks by name and read what belongs to them.

    Classes named "left …" and "right …" change places in a flipped picture. Without a column ``split`` a tenth of the
    items each goes to validation and test.

    Args:
        images: folder of photos.
        masks: folder of masks with the photos' names (suffixes may differ).
        size: height and width of the prepared images in pixels.
        table: CSV of labels, see ``read_labels``.
        classes: JSON of the classes, see ``read_classes``; without it, see ``find_classes``.
        merge: YAML that joins classes and values, see ``read_merge``.
        columns: which columns of the table become attributes; all by default.
        crop: one of ``CROPS``.
        seed: of the split.

    Raises:
        UserError: a folder or file is missing or damaged, or the classes do not fit the masks.
    """
    photo_files, mask_files = _files(images), _files(masks)
    names = sorted(photo_files.keys() | mask_files.keys())
    paired = [name for name in names if name in photo_files and name in mask_files]
    if not paired:
        photo, mask = (next(iter(files.values())).name for files in (photo_files, mask_files))
        raise UserError(
            f"no photo of {images} has a mask in {masks}: they belong together by name, but the first are called "
            f"{photo} and {mask}."
        )
    warnings = []
    joining = read_merge(merge) if merge else None
    meant = _classes(classes, [mask_files[name] for name in paired])
    if joining:
        meant, unnamed = merged(meant, joining)
        if unnamed:
            warnings.append(f"classes that {merge} does not name joined the background: {', '.join(unnamed)}")
    labels = Labels((), (), np.zeros((len(names), 0), np.float32), None, [])
    if table:
        labels = read_labels(table, names, columns, joining.attributes if joining else None)
    elif columns or (joining and joining.attributes):
        raise UserError("columns need a table: give it with --table.")
    warnings.extend(labels.warnings)
    splits = labels.splits or seeded_splits(names, seed)
    if not labels.splits:
        warnings.append(f"no column split: split 80/10/10 by item, with seed {seed}")
    schema = Schema(size, meant.names, meant.colors, labels.names, labels.groups, mirrored_pairs(meant.names))
    description = {
        "source": "folder",
        "images": str(images.resolve()),
        "masks": str(masks.resolve()),
        "items": len(names),
        "size": size,
        "classes": dict(zip(map(str, meant.values), meant.indices, strict=True)),
        "class_names": list(meant.names),
        "attributes": list(labels.names),
        "labels": hashlib.sha256(labels.values.tobytes()).hexdigest()[:16],
        "table": str(table.resolve()) if table else None,
        "crop": crop,
        "seed": seed,
    }
    return Folder(
        schema=schema,
        names=tuple(names),
        splits=tuple(splits),
        description=description,
        warnings=tuple(warnings),
        photos=photo_files,
        masks=mask_files,
        classes=meant,
        crop=CROPS[crop],
        attributes=labels.values,
    )


def _files(folder: Path) -> dict[str, Path]:
    """Name without suffix → picture file."""
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder.")
    files: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in SUFFIXES:
            continue
        if file.stem in files:
            raise UserError(f"{folder} has {files[file.stem].name} and {file.name}: which of them is meant?")
        files[file.stem] = file
    if not files:
        raise UserError(f"{folder} has no pictures ({', '.join(SUFFIXES)}).")
    return files


def _classes(file: Path | None, masks: Sequence[Path]) -> Classes:
    """The classes of the file, tried on some of the masks; those that the masks show where there is no file."""
    if not file:
        return find_classes(masks)
    classes = read_classes(file)
    for mask in masks[:: max(1, len(masks) // _MASKS_TO_CHECK)]:
        with suppress(ItemError):  # it will be skipped and recorded when its turn comes
            classes.read(mask)
    return classes
