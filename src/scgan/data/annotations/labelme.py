"""Files of labelme: one JSON file for each photo."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from scgan.data.annotations.annotations import AnnotatedPhoto, Annotations, Region
from scgan.data.annotations.shapes import Bitmap, Drawing, Shape


def is_labelme(content: Any) -> bool:
    return isinstance(content, dict) and "shapes" in content and "imagePath" in content


def read_labelme(content: dict[str, Any], where: str, annotations: Annotations) -> None:
    """Add the photo of a file of labelme. Later shapes cover earlier ones.

    Raises:
        KeyError, TypeError, ValueError: the content is damaged.
    """
    regions = []
    for entry in content["shapes"]:
        shape = _shape(entry)
        label = str(entry["label"]).strip() if entry["label"] is not None else ""
        if shape is None:
            annotations.left_out[f"{entry.get('shape_type')} shapes"] += 1
        elif not label:
            annotations.left_out["shapes without a label"] += 1
        else:
            regions.append(Region(label, shape))
    annotations.add_labels([region.label for region in regions])
    height, width = content.get("imageHeight"), content.get("imageWidth")
    size = (int(height), int(width)) if height and width else None
    name, file_name = str(content["imagePath"]), Path(where).stem
    annotations.photos.append(AnnotatedPhoto(name, size, tuple(regions), where, file_name=file_name))


def _shape(entry: dict[str, Any]) -> Shape | None:
    """The shape of an entry; None for points and lines and polygons of fewer than three points, which have no area."""
    kind = entry.get("shape_type") or "polygon"
    points = tuple((float(x), float(y)) for x, y in entry["points"])
    if kind == "mask":
        return Bitmap(base64.b64decode(entry["mask"]), int(points[0][0]), int(points[0][1]))
    if kind == "polygon" and len(points) < 3:
        return None
    if kind in ("polygon", "oriented_rectangle", "rectangle", "circle"):
        return Drawing(kind, points)
    return None
