"""Masks of a folder of photos: from files, or painted from annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from scgan.data.annotations.read import PhotoAnnotations, read_annotations
from scgan.data.annotations.voc import read_voc_classes
from scgan.data.annotations.voc_folder import VocFolder, find_voc_folder, read_voc_lists
from scgan.data.background import choose_background
from scgan.data.class_search import find_classes
from scgan.data.images import read_orientation, upright
from scgan.data.mask_orientation import MaskOrientation, Orientations, decide_orientations
from scgan.data.mask_pixels import COLOR_MODES, open_mask
from scgan.data.mask_survey import survey_masks
from scgan.data.mask_values import describe_value
from scgan.data.masks import Classes, MaskFile, means_ignored, read_classes
from scgan.data.merge import Merge, merge_classes
from scgan.data.names import differ_in_case_only
from scgan.data.pairs import Files, list_photos, match_files
from scgan.schema import IGNORED
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import counted, join_names

# Number of masks that are read before preparing begins.
_MASKS_TO_CHECK = 64
_MAX_LEVEL = 255  # of masks with 8 bits
_TURNED = (
    "{} with an EXIF orientation: regions are taken as drawn on the upright photo, unless their size is that of the "
    "stored pixels; if all were drawn on those, add --mask-orientation stored"
)
# labelme's label for pixels that belong to no class.
_IGNORED_LABEL = "__ignore__"


class Masks(Protocol):
    """Masks of items, by name."""

    @property
    def classes(self) -> Classes: ...

    def has(self, item: str) -> bool:
        """True if there is a mask for the item."""

    def read(self, item: str, photo_shape: tuple[int, int], orientation: int) -> MaskFile:
        """The mask of an item.

        Args:
            item: its name.
            photo_shape: height and width of the upright photo.
            orientation: EXIF orientation of the photo, 1…8.

        Raises:
            ItemError: the mask is damaged.
            UserError: it has a value or colour without a class.
        """


@dataclass(frozen=True)
class FileMasks:
    """Masks in files of their own."""

    files: Mapping[str, Path]
    classes: Classes
    orientations: Orientations

    def has(self, item: str) -> bool:
        return item in self.files

    def read(self, item: str, photo_shape: tuple[int, int], orientation: int) -> MaskFile:
        mask, notes = self.classes.read(self.files[item])
        return MaskFile(self.orientations.place(mask, photo_shape, orientation), notes)


@dataclass(frozen=True)
class PaintedMasks:
    """Masks that are painted from annotations, at the size of the photo."""

    annotations: PhotoAnnotations
    classes: Classes
    orientation: MaskOrientation = "auto"

    def has(self, item: str) -> bool:
        return item in self.annotations.photos

    def read(self, item: str, photo_shape: tuple[int, int], orientation: int) -> MaskFile:
        index_of = np.full(len(self.annotations.labels), IGNORED, np.uint8)
        index_of[list(self.classes.values)] = self.classes.indices
        if not self._is_stored(item, photo_shape, orientation):
            return MaskFile(index_of[self.annotations.paint(item, *photo_shape)], ())
        height, width = photo_shape if orientation < 5 else photo_shape[::-1]
        mask = upright(index_of[self.annotations.paint(item, height, width)], orientation)
        return MaskFile(np.ascontiguousarray(mask), ())

    def _is_stored(self, item: str, photo_shape: tuple[int, int], orientation: int) -> bool:
        """True if the regions were drawn on the stored pixels of a turned photo, as the user or their size says."""
        if orientation == 1 or self.orientation != "auto":
            return orientation != 1 and self.orientation == "stored"
        size = self.annotations.photos[item].size
        return orientation >= 5 and size is not None and size != photo_shape and size == photo_shape[::-1]


@dataclass(frozen=True)
class MaskOptions:
    """Options of the person who prepares the data; ``scgan.data.sources.folder.open_folder`` explains them."""

    masks: Path | None
    annotations: Path | None
    classes: Path | None
    merge: Merge | None
    ignore: Sequence[str]
    orientation: MaskOrientation
    background: str | None


class FoundMasks(NamedTuple):
    """Photos and masks of a folder.

    Attributes:
        photos: item → file.
        names: items that have a photo or a mask.
        masks: the masks.
        origin: origin of the classes, for the account.
        background: reason for the choice of the background.
        assumptions: sentences about what was assumed.
        splits: split of each name, where the source has some of its own.
    """

    photos: Files
    names: list[str]
    masks: Masks
    origin: str
    background: str
    assumptions: list[str]
    splits: list[str] | None = None


def find_masks(images: Path, options: MaskOptions) -> FoundMasks:
    """Find the photos of a folder and their masks.

    Raises:
        UserError: there is no folder of masks and no annotation, or both; or they do not fit the photos or classes.
    """
    if (options.masks is None) == (options.annotations is None):
        raise UserError("give either --masks, a folder of masks, or --annotations, a file or folder of annotations.")
    if options.annotations is None:
        return _from_files(images, options, Path(str(options.masks)), None)
    if voc := find_voc_folder(options.annotations):
        return _from_files(images, options, voc.masks, voc)
    return _from_annotations(images, options.annotations, options)


def _from_files(images: Path, options: MaskOptions, folder: Path, voc: VocFolder | None) -> FoundMasks:
    photos, files, assumptions = match_files(images, folder)
    matched = sorted(photos.keys() & files.keys())
    paths = [files[name] for name in matched]
    if voc and not options.classes:
        classes = read_voc_classes(voc.root, _is_colored(paths)).ignoring(options.ignore)
        _try(classes, paths)
        origin = f"listed in {classes.where}" if classes.where.endswith(".txt") else classes.where
    elif options.classes:
        classes = read_classes(options.classes).ignoring(options.ignore)
        _try(classes, paths)
        origin = f"listed in {options.classes}"
    else:
        classes, origin = find_classes(paths, options.ignore), "the values found in the masks"
    _require_possible(classes, paths)
    if classes.unused:
        assumptions.append(f"no mask has the values {join_names(classes.unused)}: classes without pixels")
    assumptions += survey_masks(paths, classes, listed=bool(options.classes or options.annotations))
    classes, background, remarks = _chosen(classes, options)
    orientations = decide_orientations(options.orientation, [(photos[name], files[name]) for name in matched], classes)
    if classes.ignored:
        assumptions.append(f"pixels with {join_names(map(classes.describe, classes.ignored))} belong to no class")
    assumptions += [*remarks, *filter(None, [orientations.note])]
    masks = FileMasks(files, classes, orientations)
    names, splits = sorted(photos.keys() | files.keys()), None
    if voc:
        names, splits, remarks = _listed(voc.root, names, files)
        assumptions += remarks
    return FoundMasks(photos, names, masks, origin, background, assumptions, splits)


def _listed(root: Path, names: list[str], files: Files) -> tuple[list[str], list[str] | None, list[str]]:
    """Items of a VOC folder that have a mask or are in its lists, their splits if all have one, and sentences.

    Most photos of the challenge have boxes only.
    """
    lists = read_voc_lists(root, names)
    if not lists.splits:
        return names, None, []
    kept = [name for name in names if name in lists.splits or name in files]
    remarks = [f"{counted(len(names) - len(kept), 'photo')} without a mask left out, no list of {root} names them"]
    splits = [lists.splits.get(name, "") for name in kept]
    complete = "train" in splits and all(splits)
    remarks = (remarks if len(kept) < len(names) else []) + ([lists.note] if complete else [])
    return kept, splits if complete else None, remarks


def _from_annotations(images: Path, path: Path, options: MaskOptions) -> FoundMasks:
    if options.classes:
        raise UserError("--annotations have their own classes: leave --classes out.")
    photos, assumptions = list_photos(images)
    annotations = read_annotations(path, sorted(photos), images)
    labels = annotations.labels
    indices = tuple(range(len(labels)))
    classes = Classes(labels, distinct_colors(len(labels)), False, indices, indices, str(path))
    ignored = [label for label in labels[1:] if label == _IGNORED_LABEL or means_ignored(label)]
    classes = classes.ignoring([*options.ignore, *ignored])
    classes, background, remarks = _chosen(classes, options)
    assumptions += [*annotations.notes, *remarks]
    if ignored:
        assumptions.append(f"pixels of regions called {join_names(ignored)} belong to no class")
    if annotations.without_photo:
        names_text = ", ".join(annotations.without_photo[:5])
        assumptions.append(
            f"{counted(len(annotations.without_photo), 'annotated photo')} missing in {images}: {names_text}"
        )
    if options.orientation == "auto":
        turned = sum(read_orientation(photos[item]) != 1 for item in annotations.photos)
        assumptions += [_TURNED.format(counted(turned, "annotated photo"))] if turned else []
    masks = PaintedMasks(annotations, classes, options.orientation)
    return FoundMasks(photos, sorted(photos), masks, f"the labels of {path}", background, assumptions)


def _chosen(classes: Classes, options: MaskOptions) -> tuple[Classes, str, list[str]]:
    """Classes after merging, with the background first; the reason for the background; sentences about the merge."""
    remarks = [
        f"classes {join_names(map(repr, names))} differ in case or spaces only: join them with --merge, if they are one"
        for names in differ_in_case_only(classes.names)
    ]
    if options.merge:
        classes, unnamed = merge_classes(classes, options.merge)
        if unnamed:
            remarks.append(
                f"classes that {options.merge.where} does not name joined the background: {', '.join(unnamed)}"
            )
    classes, background = choose_background(classes, options.background)
    return classes, background, remarks


def _require_possible(classes: Classes, masks: Sequence[Path]) -> None:
    """Check that the ignored values can occur in the masks: files with 8 bits have no -1."""
    strangers = [value for value in classes.ignored if not 0 <= value <= _MAX_LEVEL]
    if classes.by_color or not strangers:
        return
    for mask in masks:
        with suppress(ItemError):
            if open_mask(mask).mode not in ("1", "L", "LA", "P"):
                return
    raise UserError(
        f"--ignore {describe_value(strangers[0])}: the masks have 8 bits, with values from 0 to {_MAX_LEVEL}; programs "
        f"write -1 as {_MAX_LEVEL} there: give --ignore {_MAX_LEVEL}."
    )


def _try(classes: Classes, masks: Sequence[Path]) -> None:
    """Read some of the masks, because classes that do not fit should stop preparing at once."""
    for mask in masks[:: max(1, len(masks) // _MASKS_TO_CHECK)]:
        with suppress(ItemError):  # the item is skipped and recorded when it is read
            classes.read(mask)


def _is_colored(masks: Sequence[Path]) -> bool:
    for mask in masks:
        with suppress(ItemError):
            return open_mask(mask).mode in COLOR_MODES
    return False


def photo_scale(photo: NDArray[np.uint8], mask: NDArray[np.uint8]) -> int:
    """Whole number of times that a photo is larger than its mask; 0 if there is none."""
    scale = photo.shape[0] // mask.shape[0]
    return scale if photo.shape[:2] == (scale * mask.shape[0], scale * mask.shape[1]) else 0
