"""Instances of COCO: polygons and run lengths."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from scgan.data.annotations.annotations import AnnotatedPhoto, Annotations, Region
from scgan.data.annotations.shapes import CocoRuns, Polygons, Shape
from scgan.utils.errors import UserError
from scgan.utils.text import counted

# The data set COCO numbers its crowds from here on. Tools such as CVAT and Datumaro call every mask a crowd, since the
# format has run lengths for crowds only.
_FIRST_CROWD = 900_000_000_000


def is_coco(content: Any) -> bool:
    return isinstance(content, dict) and {"images", "annotations", "categories"} <= content.keys()


def read_coco(content: dict[str, Any], where: str, annotations: Annotations) -> None:
    """Add the photos of a file of COCO instances. Later annotations cover earlier ones; all cover COCO's own crowds.

    Numbers may be written as text.

    Raises:
        KeyError, TypeError, ValueError: the content is damaged.
        UserError: it is a panoptic file, two images or categories have one id, or no annotation belongs to an image.
    """
    names = _unique(content["categories"], "name", where, "categories")
    files = _unique(content["images"], "file_name", where, "images")
    annotations.add_labels([names[number] for number in sorted(names, key=_order)])
    regions: dict[str, list[Region]] = defaultdict(list)
    strangers, marked = [], 0
    for annotation in content["annotations"]:
        if "segments_info" in annotation:
            raise UserError(f"{where} is a panoptic file of COCO, without outlines: give the file of its instances.")
        if str(annotation["image_id"]) not in files:
            strangers.append(annotation["image_id"])
            continue
        shape = _shape(annotation.get("segmentation"))
        if shape is None:
            annotations.left_out["boxes without an outline"] += 1
        else:
            is_crowd = bool(annotation.get("iscrowd"))
            is_below = is_crowd and int(annotation.get("id") or 0) >= _FIRST_CROWD
            marked += is_crowd and not is_below
            region = Region(names[str(annotation["category_id"])], shape, -1 if is_below else 0)
            regions[str(annotation["image_id"])].append(region)
    if strangers and len(strangers) == len(content["annotations"]):
        raise UserError(
            f"{where}: no annotation belongs to an image: the first is of image {strangers[0]!r}, the images have "
            f"numbers like {next(iter(files), 'none')}."
        )
    if strangers:
        annotations.notes.append(
            f"{counted(len(strangers), 'annotation')} of {where} left out, no image has their id ({strangers[0]!r})"
        )
    if marked:
        annotations.notes.append(
            f"{counted(marked, 'region')} of {where} called a crowd, as tools call every mask: painted in the file's "
            "order"
        )
    for image in content["images"]:
        height, width = image.get("height"), image.get("width")
        size = (int(height), int(width)) if height and width else None
        own = tuple(regions[str(image["id"])])
        annotations.photos.append(AnnotatedPhoto(image["file_name"], size, own, where))


def _unique(entries: list[dict[str, Any]], key: str, where: str, kind: str) -> dict[str, str]:
    """Number of each entry as text → its name."""
    names: dict[str, str] = {}
    for entry in entries:
        number, name = str(entry["id"]), str(entry[key]).strip()
        if names.setdefault(number, name) != name:
            raise UserError(f"{where}: {kind} {names[number]} and {name} have the same id {number}: number them again.")
    return names


def _order(number: str) -> tuple[int, str]:
    return (int(number), "") if number.isdecimal() else (-1, number)


def _shape(segmentation: Any) -> Shape | None:
    if isinstance(segmentation, dict):
        counts, (height, width) = segmentation["counts"], segmentation["size"]
        return CocoRuns(counts if isinstance(counts, str) else tuple(map(int, counts)), (int(height), int(width)))
    if not segmentation:
        return None
    parts = segmentation if isinstance(segmentation[0], list) else [segmentation]
    outlines = tuple(tuple(map(float, part)) for part in parts if len(part) >= 6)
    return Polygons(outlines) if outlines else None
