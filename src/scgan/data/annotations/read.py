"""Annotation files of any tool that is read, told apart by their content."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.data.annotations.annotations import AnnotatedPhoto, Annotations
from scgan.data.annotations.coco import is_coco, read_coco
from scgan.data.annotations.cvat import read_cvat
from scgan.data.annotations.label_studio import is_label_studio, read_label_studio
from scgan.data.annotations.labelme import is_labelme, read_labelme
from scgan.data.annotations.match import Matches, match_photos
from scgan.data.annotations.other_tools import FORMATS, unknown_json, without_annotations
from scgan.data.annotations.shapes import Drawing, Polygons
from scgan.data.file_kinds import read_kind
from scgan.utils.errors import UserError
from scgan.utils.optional import require_packages
from scgan.utils.text import counted, join_names, read_text

_READERS = ((is_coco, read_coco), (is_labelme, read_labelme), (is_label_studio, read_label_studio))
_UNUSED = "classes without a region (some exports leave out kinds of regions)"
_BACKGROUNDS = ("background", "bg")


@dataclass(frozen=True)
class PhotoAnnotations:
    """Annotations of the photos of a folder.

    Attributes:
        labels: names of the classes in the order of the files; first the background, which no region covers.
        photos: item → its annotation.
        notes: sentences about what was assumed and left out.
        without_photo: names in the files that no photo has.
    """

    labels: tuple[str, ...]
    photos: dict[str, AnnotatedPhoto]
    notes: tuple[str, ...]
    without_photo: tuple[str, ...]

    def paint(self, item: str, height: int, width: int) -> NDArray[np.uint8]:
        """The mask of an item, uint8 (H, W): indices of ``labels``."""
        return self.photos[item].paint(self.labels, height, width)


def read_annotations(path: Path, items: Sequence[str], folder: Path) -> PhotoAnnotations:
    """Read the annotations of photos.

    Args:
        path: a file, or a folder with files, of COCO, labelme, CVAT or Label Studio.
        items: names of the photos, without suffix.
        folder: folder of the photos.

    Raises:
        UserError: a file is damaged or of another kind, no photo or no region is annotated, or a photo occurs twice.
    """
    require_packages("reading annotations", "annotations", "pycocotools", "defusedxml")
    annotations, damaged = Annotations(), dict[Path, UserError]()
    for file in _list_files(path):
        try:
            part = Annotations()
            _read_file(file, part)
            annotations.add(part)
        except UserError as error:
            damaged[file] = error
    if damaged and not any(photo.regions for photo in annotations.photos):
        raise next(iter(damaged.values()))
    _require_regions(path, annotations)
    for file, reason in damaged.items():
        annotations.photos.append(AnnotatedPhoto(file.stem, None, (), str(file), str(reason).rstrip(".")))
    return _of_photos(path, annotations, match_photos(path, annotations.photos, items, folder))


def _list_files(path: Path) -> list[Path]:
    """The file, or the files of a folder. The storage of Label Studio has files without a suffix, called 1, 2, …"""
    if not path.is_dir():
        return [path]
    shown = [file for file in sorted(path.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    files = [file for file in shown if file.suffix.lower() in (".json", ".xml") or file.name.isdecimal()]
    if not files:
        raise UserError(without_annotations(path, shown))
    return files


def _require_regions(path: Path, annotations: Annotations) -> None:
    """Check that there are regions, and that their coordinates are pixels."""
    shapes = [region.shape for photo in annotations.photos for region in photo.regions]
    if not shapes:
        left_out = ", ".join(f"{kind} ({count})" for kind, count in annotations.left_out.items())
        raise UserError(f"{path} has no region with an area and a label{f', only {left_out}' if left_out else ''}.")
    corners = [
        max((abs(number) for part in shape.parts for number in part), default=0)
        for shape in shapes
        if isinstance(shape, Polygons)
    ] + [
        max(abs(number) for point in shape.points for number in point) for shape in shapes if isinstance(shape, Drawing)
    ]
    if corners and max(corners) <= 1:
        raise UserError(
            f"{path} has no coordinate above 1, so they are fractions of the photo: multiply them by width and height."
        )


def _read_file(file: Path, annotations: Annotations) -> None:
    if (kind := read_kind(file)) and kind.name != "an SVG drawing":
        raise UserError(f"{file} is {kind.name}, not a file of annotations: {kind.remedy}.")
    text = read_text(file)
    if file.suffix.lower() in (".csv", ".txt"):
        raise UserError(f"{file} is neither JSON nor XML: {FORMATS}; run lengths in a table are not.")
    try:
        if file.suffix.lower() == ".xml" or text.lstrip().startswith("<"):
            _read_xml(file, text, annotations)
            return
        content = json.loads(text)
        for recognises, read in _READERS:
            if recognises(content):
                read(content, str(file), annotations)
                return
    except RecursionError as error:
        raise UserError(f"{file} is nested too deeply for a file of annotations.") from error
    except (AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError) as error:
        raise UserError(f"{file} is damaged, or not of the format that it seems to be ({error!r}).") from error
    raise UserError(f"{file} {unknown_json(content)}.")


def _read_xml(file: Path, text: str, annotations: Annotations) -> None:
    from defusedxml import ElementTree

    try:
        root: Any = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise UserError(f"{file} is not XML ({error}).") from error
    if root.tag == "annotations":
        read_cvat(root, str(file), annotations)
    elif root.find(".//bndbox") is not None:
        raise UserError(f"{file} has boxes only (Pascal VOC detection): masks need outlines; {FORMATS}.")
    elif root.find(".//polygon") is not None:
        raise UserError(f"{file} is of the old LabelMe web tool: {FORMATS}.")
    else:
        raise UserError(f"{file} is not a file of annotations that is known: {FORMATS}.")


def _of_photos(path: Path, annotations: Annotations, matches: Matches) -> PhotoAnnotations:
    left_out = ", ".join(f"{kind} ({count})" for kind, count in annotations.left_out.items())
    background = next((label for label in annotations.labels if label.lower().strip("_") in _BACKGROUNDS), "background")
    occurring = {region.label for photo in matches.photos.values() for region in photo.regions}
    unused = [label for label in annotations.labels if label not in occurring and label != background]
    empty = sum(not photo.regions and not photo.damage for photo in matches.photos.values())
    return PhotoAnnotations(
        labels=(background, *(label for label in annotations.labels if label != background)),
        photos=matches.photos,
        notes=(
            "pixels that no region covers are background",
            *([f"{counted(empty, 'photo')} without a region: background everywhere"] if empty else []),
            *([f"left out of {path}, since they have no area or no label: {left_out}"] if left_out else []),
            *([f"{_UNUSED}: {join_names(unused)}"] if unused else []),
            *annotations.notes,
            *matches.notes,
        ),
        without_photo=matches.without_photo,
    )
