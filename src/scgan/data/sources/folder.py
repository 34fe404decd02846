"""Your own data: a folder of photos, a folder of masks with the same names, and optionally a table of attributes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from scgan.data.background import choose_background
from scgan.data.images import (
    Square,
    center_square,
    cut_mask,
    cut_photo,
    foreground_square,
    open_photo,
    whole_square,
)
from scgan.data.mask_orientation import MaskOrientation, Orientations, decide_orientations
from scgan.data.masks import Classes, find_classes, read_classes
from scgan.data.merge import Merge, merge_classes, read_merge
from scgan.data.pairs import match_files
from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.source import Item
from scgan.data.sides import find_sides
from scgan.data.splits import seeded_splits
from scgan.data.tables.attribute_table import AttributeTable, TableOptions, Unknown, read_attribute_table
from scgan.data.tables.columns import ColumnRules, Undecided
from scgan.schema import IGNORED, ImageSize, Schema
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import Names, join_names

Crop = Literal["center", "foreground", "pad"]

_SQUARES: Mapping[Crop, Callable[[NDArray[np.uint8]], Square]] = {
    "center": center_square,
    "foreground": foreground_square,
    "pad": whole_square,
}
# Number of masks that are read before preparing begins.
_MASKS_TO_CHECK = 64


@dataclass(frozen=True)
class Folder:
    """A source: pairs of photo and mask. Made by ``open_folder``."""

    max_skipped: ClassVar[float] = 0.01

    schema: Schema
    names: tuple[str, ...]
    splits: tuple[str, ...]
    description: dict[str, Any]
    notes: SourceNotes
    photos: Mapping[str, Path]
    masks: Mapping[str, Path]
    classes: Classes
    orientations: Orientations
    crop: Callable[[NDArray[np.uint8]], Square]
    attributes: NDArray[np.float32]
    unusable: Mapping[str, str]

    def read(self, index: int) -> Item:
        """One pair, cut to a square.

        Raises:
            ItemError: photo or mask is missing or damaged, they differ in size, or the mask has nothing to crop to.
            UserError: the mask has a value or colour without a class.
        """
        name = self.names[index]
        if name in self.unusable:
            raise ItemError(f"{name}: {self.unusable[name]}")
        for kind, files in (("photo", self.photos), ("mask", self.masks)):
            if name not in files:
                raise ItemError(f"{name} has no {kind}")
        photo, orientation, photo_notes = open_photo(self.photos[name])
        mask, mask_notes = self.classes.read(self.masks[name])
        mask = self.orientations.place(mask, photo.shape[:2], orientation)
        scale = _scale(photo, mask)
        if not scale:
            (height, width), (mask_height, mask_width) = photo.shape[:2], mask.shape
            swapped = "; it looks transposed" if (height, width) == (mask_width, mask_height) else ""
            raise ItemError(
                f"{self.photos[name]} is {width}×{height} pixels, its mask {mask_width}×{mask_height}{swapped}"
            )
        square, size = self.crop(mask), self.schema.image_size
        mask_notes += (f"the mask is {scale} times smaller than its photo",) if scale > 1 else ()
        segmentation = cut_mask(mask, square, size)
        if (segmentation == IGNORED).all():
            raise ItemError(f"{self.masks[name]} has nothing but ignored pixels in the part that is kept")
        image = cut_photo(photo, Square(*(scale * value for value in square)), size)
        return Item(image, segmentation, self.attributes[index], notes=photo_notes + mask_notes)


def _scale(photo: NDArray[np.uint8], mask: NDArray[np.uint8]) -> int:
    """Whole number of times that a photo is larger than its mask; 0 if there is none."""
    scale = photo.shape[0] // mask.shape[0]
    return scale if photo.shape[:2] == (scale * mask.shape[0], scale * mask.shape[1]) else 0


def open_folder(
    *,
    images: Path,
    masks: Path,
    size: ImageSize = 64,
    table: Path | None = None,
    columns: Names | None = None,
    split_column: str | None = None,
    categories: Names | None = None,
    unknown: Unknown = "zero",
    undecided: Undecided | None = None,
    classes: Path | None = None,
    merge: Path | None = None,
    ignore: Names | None = None,
    mask_orientation: MaskOrientation = "auto",
    background: str | None = None,
    crop: Crop = "center",
    seed: int = 0,
) -> Folder:
    """Your own photos and masks, with a table of attributes if you have one.

    Classes of the left and the right side are exchanged when an image is flipped. Without a column of splits a tenth of
    the items each goes to validation and test.

    Args:
        images: folder of photos
        masks: folder of masks with the photos' names: index, palette or colour images; it may be the photos' folder
        size: height and width of the images in pixels
        table: CSV with one row for each photo: column file, attributes, and optionally split
        columns: columns of the table to keep, with commas between; by default all
        split_column: column of the table with the splits; by default the one called split, subset, partition, …
        categories: columns of whole numbers that are categories, with commas between, where there are more than 10
        unknown: fate of NA, nan, None, ? and empty cells: zero, or skip, which leaves their items out
        undecided: meaning of 0 beside -1 and 1 in a column: unknown, middle (0.5) or category (a value of its own)
        classes: JSON of the classes: ["background", "hair"], or {"background": [0, 0, 0], "hair": [255, 0, 0]}; by
            default they are taken from the masks
        merge: YAML that joins classes and values: `classes: {upper: [coat, vest]}`
        ignore: values of pixels that belong to no class, with commas between: 255, colours like '#e0e0c0', or names of
            classes
        mask_orientation: for photos with an EXIF orientation: stored if masks were drawn on the stored pixels, upright
            if on the photo as it is shown; auto decides by sizes and colours
        background: class that is the background, or none; by default the one called so, else the first
        crop: center: the middle of the photo; foreground: a square around the foreground; pad: the whole photo
        seed: seed of the split, where the table has no column of splits

    Raises:
        UserError: a folder or file is missing or damaged, or the classes do not fit the masks.

    Example:
        scgan prepare folder --images photos/ --masks masks/ --classes classes.json --table attributes.csv --out mine
    """
    photos, mask_files, assumptions = match_files(images, masks)
    names = sorted(photos.keys() | mask_files.keys())
    merging = read_merge(merge) if merge else None
    matched = [mask_files[name] for name in sorted(photos.keys() & mask_files.keys())]
    mask_classes, warnings = _classes(classes, merging, matched, ignore or ())
    mask_classes, background_reason = choose_background(mask_classes, background)
    rules = ColumnRules(merging.attributes if merging else {}, categories or (), undecided)
    attributes = _attributes(table, TableOptions(columns, split_column, unknown, rules), names)
    pairs = [(photos[name], mask_files[name]) for name in names if name in photos and name in mask_files]
    orientations = decide_orientations(mask_orientation, pairs, mask_classes)
    sides = find_sides(mask_classes.names)
    assumptions += [*warnings, *attributes.assumptions, *sides.warnings, *filter(None, [orientations.note])]
    if not attributes.splits:
        assumptions.append(f"no column of splits: split 80/10/10 by item, with seed {seed}")
    paths = {"images": images, "masks": masks, "table": table}
    options: dict[str, Any] = {
        "items": len(names),
        "size": size,
        "crop": crop,
        "mask_orientation": mask_orientation,
        "seed": seed,
        "unknown": unknown,
    }
    return Folder(
        schema=Schema(
            image_size=size,
            class_names=mask_classes.names,
            class_colors=mask_classes.colors,
            attribute_names=attributes.names,
            attribute_groups=attributes.groups,
            mirrored_classes=sides.pairs,
            ignored=bool(mask_classes.ignored),
        ),
        names=tuple(names),
        splits=tuple(attributes.splits or seeded_splits(names, seed)),
        description=_description(paths, options, mask_classes, attributes),
        notes=SourceNotes(
            classes=f"listed in {classes}" if classes else "the values found in the masks",
            background=background_reason,
            unknown_values=attributes.unknown_values,
            unknown_become=attributes.unknown_become,
            rows_without_photo=attributes.rows_without_photo,
            assumptions=tuple(assumptions),
        ),
        photos=photos,
        masks=mask_files,
        classes=mask_classes,
        orientations=orientations,
        crop=_SQUARES[crop],
        attributes=attributes.values,
        unusable=attributes.unusable,
    )


def _description(
    paths: Mapping[str, Path | None], options: Mapping[str, Any], classes: Classes, attributes: AttributeTable
) -> dict[str, Any]:
    """Paths and options, and the content of the files of classes and attributes, as JSON values."""
    return {
        "source": "folder",
        **{name: str(path.resolve()) if path else None for name, path in paths.items()},
        **options,
        "classes": dict(zip(map(str, classes.values), classes.indices, strict=True)),
        "class_names": list(classes.names),
        "ignored": list(classes.ignored),
        "attributes": list(attributes.names),
        "attribute_values": hashlib.sha256(attributes.values.tobytes()).hexdigest()[:16],
    }


def _classes(
    file: Path | None, merge: Merge | None, masks: Sequence[Path], ignore: Sequence[str]
) -> tuple[Classes, list[str]]:
    """The classes, from the file if there is one, else from the masks; and warnings.

    The file's classes are tried on some of the masks, because classes that do not fit should stop preparing at once.
    """
    if file:
        classes = read_classes(file).ignoring(ignore)
        for mask in masks[:: max(1, len(masks) // _MASKS_TO_CHECK)]:
            with suppress(ItemError):  # the item is skipped and recorded when it is read
                classes.read(mask)
    else:
        classes = find_classes(masks, ignore)
    notes = []
    if classes.ignored:
        notes.append(f"pixels with {join_names(map(classes.describe, classes.ignored))} belong to no class")
    if not merge:
        return classes, notes
    classes, unnamed = merge_classes(classes, merge)
    if not unnamed:
        return classes, notes
    return classes, [*notes, f"classes that {merge.where} does not name joined the background: {', '.join(unnamed)}"]


def _attributes(table: Path | None, options: TableOptions, names: Sequence[str]) -> AttributeTable:
    """The attributes of the table; none without a table."""
    if table:
        return read_attribute_table(table, names, options)
    if options.columns or options.rules.merged:
        raise UserError("columns need a table: give it with --table.")
    return AttributeTable((), (), np.zeros((len(names), 0), np.float32), None)
