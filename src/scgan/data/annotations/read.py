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
    annotations = Annotations()
    for file in files:
        _read_file(file, annotations)
    if not annotations.labels:
        raise UserError(f"{path} has no region with an area and a label.")
    return _of_photos(path, annotations, items)


def _read_file(file: Path, annotations: Annotations) -> None:
    text = read_text(file)
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
    for photo in annotations.photos:
        match = finder.find(photo.name) or finder.find(_without_upload_prefix(photo.name))
        if match is None:
            without_photo.append(photo.name)
        elif match[0] in photos:
            raise UserError(
                f"{path} has two annotations of {match[0]}, {photos[match[0]].name} ({photos[match[0]].where}) and "
                f"{photo.name} ({photo.where}): keep one."
            )
        else:
            photos[match[0]] = photo
    if not photos:
        raise UserError(
            f"{path} annotates none of the photos: it names {without_photo[0]}, the first photo is called {items[0]}."
        )
    left_out = ", ".join(f"{kind} ({count})" for kind, count in annotations.left_out.items())
    background = next((label for label in annotations.labels if label.lower().strip("_") in _BACKGROUNDS), "background")
    empty = sum(not photo.regions for photo in photos.values())
    return PhotoAnnotations(
        labels=(background, *(label for label in annotations.labels if label != background)),
        photos=photos,
        notes=(
            "pixels that no region covers are background",
            *([f"{counted(empty, 'photo')} without a region: background everywhere"] if empty else []),
            *([f"left out of {path}, since they have no area: {left_out}"] if left_out else []),
            *annotations.notes,
        ),
        without_photo=tuple(without_photo),
    )


def _without_upload_prefix(name: str) -> str:
    """The name that a person gave a photo: Label Studio puts eight hexadecimal digits and a dash before it."""
    prefix, dash, rest = name.partition("-")
    return rest if dash and len(prefix) == 8 and set(prefix) <= set("0123456789abcdef") else name
