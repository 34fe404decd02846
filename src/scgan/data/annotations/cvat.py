"""CVAT for images 1.1: an XML file with polygons, masks, boxes and ellipses, and their z-order."""

from __future__ import annotations

from typing import Any

from scgan.data.annotations.annotations import AnnotatedPhoto, Annotations, Region
from scgan.data.annotations.shapes import Polygons, Runs, Shape, box, ellipse
from scgan.utils.errors import UserError

# Types of labels whose shapes never have an area.
_WITHOUT_AREA = ("points", "polyline", "skeleton", "tag")


def read_cvat(root: Any, where: str, annotations: Annotations) -> None:
    """Add the photos of a file of CVAT. Regions with a larger z-order cover others.

    Raises:
        TypeError, ValueError: the content is damaged.
        UserError: it is the annotation of a video.
    """
    if root.find("track") is not None:
        raise UserError(f"{where} has tracks of a video: export the frames as CVAT for images 1.1.")
    for label in root.iterfind("./meta//labels/label"):
        name = (label.findtext("name") or "").strip()
        if name and label.findtext("type") not in _WITHOUT_AREA and label.find("parent") is None:
            annotations.add_labels([name])
    for image in root.iter("image"):
        regions = []
        for element in image:
            shape = _shape(element)
            if shape is not None and not (element.get("label") or "").strip():
                annotations.left_out["shapes without a label"] += 1
            elif shape is not None:
                regions.append(Region(element.get("label").strip(), shape, int(element.get("z_order") or 0)))
            elif element.tag not in ("tag",):
                annotations.left_out[f"{element.tag} shapes"] += 1
        annotations.add_labels([region.label for region in regions])
        size = int(image.get("height")), int(image.get("width"))
        annotations.photos.append(AnnotatedPhoto(image.get("name"), size, tuple(regions), where))


def _shape(element: Any) -> Shape | None:
    def number(key: str, default: float | None = None) -> float:
        return float(element.get(key, default))

    if element.tag == "polygon":
        corners = tuple(map(float, element.get("points").replace(";", ",").split(",")))
        return Polygons((corners,)) if len(corners) >= 6 else None
    if element.tag == "mask":
        counts = tuple(int(value) for value in element.get("rle").split(","))
        return Runs(counts, *(int(element.get(key)) for key in ("left", "top", "width", "height")))
    if element.tag == "box":
        left, top = number("xtl"), number("ytl")
        return box(left, top, number("xbr") - left, number("ybr") - top, number("rotation", 0), middle=True)
    if element.tag == "ellipse":
        return ellipse((number("cx"), number("cy")), (number("rx"), number("ry")), number("rotation", 0))
    return None
