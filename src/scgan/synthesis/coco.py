"""Masks as COCO annotations: one for each class of each image, run-length encoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.schema import Schema


def coco(masks: Iterable[tuple[str, NDArray[np.uint8]]], schema: Schema) -> dict[str, Any]:
    """Build a COCO data set, JSON values.

    Args:
        masks: file names of images with masks, uint8 (H, W), class indices.
        schema: names of the classes; the background is not a category.

    Returns:
        ``images``, ``annotations`` and ``categories``, whose ids are the class indices.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, (file, mask) in enumerate(masks, start=1):
        height, width = mask.shape
        images.append({"id": number, "file_name": file, "width": width, "height": height})
        for annotation in _annotations(mask):
            annotations.append({"id": len(annotations) + 1, "image_id": number, **annotation})
    categories = [
        {"id": index, "name": name, "supercategory": "class"} for index, name in enumerate(schema.class_names) if index
    ]
    return {"images": images, "annotations": annotations, "categories": categories}


def _annotations(mask: NDArray[np.uint8]) -> Iterator[dict[str, Any]]:
    for index in np.unique(mask[mask > 0]).tolist():
        region = mask == index
        yield {
            "category_id": index,
            "segmentation": {"size": list(mask.shape), "counts": run_lengths(region)},
            "area": int(region.sum()),
            "bbox": bounding_box(region),
            "iscrowd": 0,
        }


def run_lengths(region: NDArray[np.bool_]) -> list[int]:
    """Encode a region as COCO's run lengths: down the columns, starting with pixels outside (0 if there are none)."""
    pixels = region.ravel(order="F")
    changes = np.flatnonzero(np.diff(pixels)) + 1
    ends = np.concatenate([[0], changes, [pixels.size]])
    lengths = np.diff(ends).tolist()
    return [0, *lengths] if pixels[0] else lengths


def bounding_box(region: NDArray[np.bool_]) -> list[int]:
    """Bounding box of a region that is not empty: [left, top, width, height] in pixels."""
    rows, columns = (np.flatnonzero(region.any(axis)) for axis in (1, 0))
    return [int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1]
