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
from scgan.data.annotations.shapes import Drawing, Polygons
from scgan.data.file_kinds import read_kind
from scgan.data.names import NameFinder
from scgan.utils.errors import UserError
from scgan.utils.optional import require_packages
from scgan.utils.text import counted, read_text

_FORMATS = "COCO, labelme, CVAT for images, Label Studio (JSON) and Pascal VOC's masks are read"
_READERS = ((is_coco, read_coco), (is_labelme, read_labelme), (is_label_studio, read_label_studio))
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


def read_annotations(path: Path, items: Sequence[str]) -> PhotoAnnotations:
    """Read the annotations of photos.

    Args:
        path: a file, or a folder with files, of COCO, labelme, CVAT or Label Studio.
        items: names of the photos, without suffix.

    Raises:
        UserError: a file is damaged or of another kind, no photo or no region is annotated, or a photo occurs twice.
    """
    require_packages("reading annotations", "annotations", "pycocotools", "defusedxml")
    files = [path]
    if path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if file.suffix.lower() in (".json", ".xml")]
        files = [file for file in files if not file.name.startswith(".")]
    if not files:
        raise UserError(f"{path} has no .json or .xml files: {_FORMATS}.")
    annotations, damaged = Annotations(), dict[Path, UserError]()
    for file in files:
        try:
            part = Annotations()
            _read_file(file, part)
            annotations.add(part)
        except UserError as error:
            damaged[file] = error
    if damaged and not annotations.photos:
        raise next(iter(damaged.values()))
    _require_regions(path, annotations)
    for file, reason in damaged.items():
        annotations.photos.append(AnnotatedPhoto(file.stem, None, (), str(file), str(reason).rstrip(".")))
    return _of_photos(path, annotations, items)


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
        raise UserError(f"{file} is neither JSON nor XML: {_FORMATS}; run lengths in a table are not.")
    try:
        if file.suffix.lower() == ".xml" or text.lstrip().startswith("<"):
            _read_xml(file, text, annotations)
            return
        content = json.loads(text)
        for recognises, read in _READERS:
            if recognises(content):
                read(content, str(file), annotations)
                return
    except (AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError) as error:
        raise UserError(f"{file} is damaged, or not of the format that it seems to be ({error!r}).") from error
    if isinstance(content, list) and content and isinstance(content[0], dict) and "annotator" in content[0]:
        raise UserError(f"{file} is a JSON_MIN export of Label Studio: export it as JSON.")
    raise UserError(f"{file} is not a file of annotations that is known: {_FORMATS}.")


def _read_xml(file: Path, text: str, annotations: Annotations) -> None:
    from defusedxml import ElementTree

    try:
        root: Any = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise UserError(f"{file} is not XML ({error}).") from error
    if root.tag == "annotations":
        read_cvat(root, str(file), annotations)
    elif root.find(".//bndbox") is not None:
        raise UserError(f"{file} has boxes only (Pascal VOC detection): masks need outlines; {_FORMATS}.")
    elif root.find(".//polygon") is not None:
        raise UserError(f"{file} is of the old LabelMe web tool: {_FORMATS}.")
    else:
        raise UserError(f"{file} is not a file of annotations that is known: {_FORMATS}.")


def _of_photos(path: Path, annotations: Annotations, items: Sequence[str]) -> PhotoAnnotations:
    finder = NameFinder(items)
    photos: dict[str, AnnotatedPhoto] = {}
    without_photo = []
    unknown_damaged = []
    for photo in annotations.photos:
        match = finder.find(photo.name) or finder.find(_without_upload_prefix(photo.name))
        if photo.damage and (match is None or match[0] in photos):
            unknown_damaged.append(photo.damage)
        elif match is None:
            without_photo.append(photo.name)
        elif match[0] in photos:
            raise UserError(
                f"{path} has two annotations of {match[0]}, {photos[match[0]].name} ({photos[match[0]].where}) and "
                f"{photo.name} ({photo.where}): keep one."
            )
        else:
            photos[match[0]] = photo
    if not photos and without_photo:
        raise UserError(
            f"{path} annotates none of the photos: it names {without_photo[0]}, the first photo is called {items[0]}."
        )
    left_out = ", ".join(f"{kind} ({count})" for kind, count in annotations.left_out.items())
    background = next((label for label in annotations.labels if label.lower().strip("_") in _BACKGROUNDS), "background")
    empty = sum(not photo.regions and not photo.damage for photo in photos.values())
    return PhotoAnnotations(
        labels=(background, *(label for label in annotations.labels if label != background)),
        photos=photos,
        notes=(
            "pixels that no region covers are background",
            *([f"{counted(empty, 'photo')} without a region: background everywhere"] if empty else []),
            *([f"left out of {path}, since they have no area or no label: {left_out}"] if left_out else []),
            *annotations.notes,
            *(f"left out: {damage}" for damage in unknown_damaged),
        ),
        without_photo=tuple(without_photo),
    )


def _without_upload_prefix(name: str) -> str:
    """The name that a person gave a photo: Label Studio puts eight hexadecimal digits and a dash before it."""
    prefix, dash, rest = name.partition("-")
    return rest if dash and len(prefix) == 8 and set(prefix) <= set("0123456789abcdef") else name
