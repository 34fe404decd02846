"""Instances of COCO: polygons and run lengths."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from scgan.data.annotations.annotations import AnnotatedPhoto, Annotations, Region
from scgan.data.annotations.shapes import CocoRuns, Polygons, Shape


def is_coco(content: Any) -> bool:
    return isinstance(content, dict) and {"images", "annotations", "categories"} <= content.keys()


def read_coco(content: dict[str, Any], where: str, annotations: Annotations) -> None:
    """Add the photos of a file of COCO instances. Later annotations cover earlier ones.

    Raises:
        KeyError, TypeError, ValueError: the content is damaged.
    """
    names = {category["id"]: str(category["name"]) for category in content["categories"]}
    annotations.add_labels([names[number] for number in sorted(names)])
    regions: dict[Any, list[Region]] = defaultdict(list)
    for annotation in content["annotations"]:
        shape = _shape(annotation.get("segmentation"))
        if shape is None:
            annotations.left_out["boxes without an outline"] += 1
        else:
            regions[annotation["image_id"]].append(Region(names[annotation["category_id"]], shape))
    for image in content["images"]:
        size = int(image["height"]), int(image["width"])
        annotations.photos.append(AnnotatedPhoto(image["file_name"], size, tuple(regions[image["id"]]), where))


def _shape(segmentation: Any) -> Shape | None:
    if isinstance(segmentation, dict):
        counts, (height, width) = segmentation["counts"], segmentation["size"]
        return CocoRuns(counts if isinstance(counts, str) else tuple(map(int, counts)), (int(height), int(width)))
    if not segmentation:
        return None
    return Polygons(tuple(tuple(map(float, part)) for part in segmentation))
