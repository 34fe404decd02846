"""Your own data: a folder of photos, a folder of masks with the same names, and optionally a table of attributes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import (
    Square,
    center_square,
    cut_mask,
    cut_photo,
    foreground_square,
    open_photo,
    whole_square,
)
from scgan.data.mask_orientation import MaskOrientation
from scgan.data.masks import Classes
from scgan.data.merge import Merge, read_merge
from scgan.data.packed.unpack import Read, packed_reader, unpack
from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.source import Item
from scgan.data.sides import find_sides
from scgan.data.sources.folder_masks import MaskOptions, Masks, find_masks, photo_scale
from scgan.data.splits import seeded_splits
from scgan.data.tables.attribute_table import AttributeTable, TableOptions, Unknown, read_attribute_table
from scgan.data.tables.columns import ColumnRules, Undecided
from scgan.schema import IGNORED, ImageSize, Schema
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import Names

Crop = Literal["center", "foreground", "pad"]

_SQUARES: Mapping[Crop, Callable[[NDArray[np.uint8]], Square]] = {
    "center": center_square,
    "foreground": foreground_square,
    "pad": whole_square,
}


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
    masks: Masks
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
        if name not in self.photos:
            raise ItemError(f"{name} has no photo")
        if not self.masks.has(name):
            raise ItemError(f"{name} has no mask")
        photo, orientation, photo_notes = open_photo(self.photos[name])
        mask, mask_notes = self.masks.read(name, photo.shape[:2], orientation)
        scale = photo_scale(photo, mask)
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
            raise ItemError(f"the mask of {name} has nothing but ignored pixels in the part that is kept")
        image = cut_photo(photo, Square(*(scale * value for value in square)), size)
        return Item(image, segmentation, self.attributes[index], notes=photo_notes + mask_notes)


@dataclass(frozen=True, kw_only=True)
class FolderOptions:
    """Your own photos and masks, with a table of attributes if you have one.

    Classes of the left and the right side are exchanged when an image is flipped. Without a column of splits a tenth of
    the items each goes to validation and test.

    Args:
        images: folder of photos; or a data set with photos, masks and attributes in one: a folder that save_to_disk of
            Hugging Face's datasets wrote (extra datasets), or a tar file of WebDataset or a folder of them (extra
            webdataset)
        masks: folder of masks with the photos' names: index, palette or colour images; it may be the photos' folder
        annotations: in place of masks, outlines: a file or folder of COCO, labelme, CVAT, Label Studio or Pascal VOC
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

    images: Path
    masks: Path | None = None
    annotations: Path | None = None
    size: ImageSize = 64
    table: Path | None = None
    columns: Names | None = None
    split_column: str | None = None
    categories: Names | None = None
    unknown: Unknown = "zero"
    undecided: Undecided | None = None
    classes: Path | None = None
    merge: Path | None = None
    ignore: Names | None = None
    mask_orientation: MaskOrientation = "auto"
    background: str | None = None
    crop: Crop = "center"
    seed: int = 0

    def open(self) -> Folder:
        """Find photos, masks and attributes.

        Raises:
            UserError: as above.
        """
        if read := packed_reader(self.images):
            return self._unpacked(read).open()
        merging = read_merge(self.merge) if self.merge else None
        mask_options = MaskOptions(
            masks=self.masks,
            annotations=self.annotations,
            classes=self.classes,
            merge=merging,
            ignore=self.ignore or (),
            orientation=self.mask_orientation,
            background=self.background,
        )
        photos, names, masks, origin, background, assumptions, own_splits = find_masks(self.images, mask_options)
        attributes = self._attributes(merging, names)
        sides = find_sides(masks.classes.names)
        assumptions += [*attributes.assumptions, *sides.warnings]
        splits = attributes.splits or own_splits
        if not splits:
            assumptions.append(f"no column of splits: split 80/10/10 by item, with seed {self.seed}")
        return Folder(
            schema=Schema(
                image_size=self.size,
                class_names=masks.classes.names,
                class_colors=masks.classes.colors,
                attribute_names=attributes.names,
                attribute_groups=attributes.groups,
                mirrored_classes=sides.pairs,
                ignored=bool(masks.classes.ignored),
            ),
            names=tuple(names),
            splits=tuple(splits or seeded_splits(names, self.seed)),
            description=self._description(len(names), masks.classes, attributes),
            notes=SourceNotes(
                classes=origin,
                background=background,
                unknown_values=attributes.unknown_values,
                unknown_become=attributes.unknown_become,
                rows_without_photo=attributes.rows_without_photo,
                assumptions=tuple(assumptions),
            ),
            photos=photos,
            masks=masks,
            crop=_SQUARES[self.crop],
            attributes=attributes.values,
            unusable=attributes.unusable,
        )

    def _unpacked(self, read: Read) -> FolderOptions:
        """The same options for the files of a packed data set."""
        if self.masks or self.annotations:
            raise UserError(f"{self.images} holds its own masks: leave --masks and --annotations out.")
        files = unpack(self.images, read)
        return replace(
            self,
            images=files.images,
            masks=files.masks,
            table=self.table or files.table,
            classes=self.classes or files.classes,
        )

    def _attributes(self, merge: Merge | None, names: Sequence[str]) -> AttributeTable:
        """The attributes of the table; none without a table."""
        merged = merge.attributes if merge else {}
        if self.table:
            rules = ColumnRules(merged, self.categories or (), self.undecided)
            options = TableOptions(self.columns, self.split_column, self.unknown, rules)
            return read_attribute_table(self.table, names, options)
        if self.columns or merged:
            raise UserError("columns need a table: give it with --table.")
        return AttributeTable((), (), np.zeros((len(names), 0), np.float32), None)

    def _description(self, count: int, classes: Classes, attributes: AttributeTable) -> dict[str, Any]:
        """Paths and options, and the content of the files of classes and attributes, as JSON values."""
        paths = {
            "images": self.images,
            "masks": self.masks,
            "annotations": self.annotations,
            "table": self.table,
        }
        return {
            "source": "folder",
            **{name: str(path.resolve()) if path else None for name, path in paths.items()},
            "items": count,
            "size": self.size,
            "crop": self.crop,
            "mask_orientation": self.mask_orientation,
            "seed": self.seed,
            "unknown": self.unknown,
            "classes": dict(zip(map(str, classes.values), classes.indices, strict=True)),
            "class_names": list(classes.names),
            "ignored": list(classes.ignored),
            "attributes": list(attributes.names),
            "attribute_values": hashlib.sha256(attributes.values.tobytes()).hexdigest()[:16],
        }


def open_folder(**options: Any) -> Folder:
    """Open a folder of photos and masks; the options are those of ``FolderOptions``."""
    return FolderOptions(**options).open()
