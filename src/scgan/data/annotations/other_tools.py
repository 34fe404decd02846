"""Files of tools whose annotations are not read, by their content; and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

FORMATS = "COCO, labelme, CVAT for images, Label Studio (JSON) and Pascal VOC's masks are read"

_YOLO = "text files, as YOLO writes them"


def unknown_json(content: Any) -> str:
    """End of a sentence about a JSON file that no reader knows: "is … : …"."""
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, dict):
        return f"is not a file of annotations that is known: {FORMATS}"
    if isinstance(content, list) and "annotator" in first:
        return "is a JSON_MIN export of Label Studio: export it as JSON"
    if isinstance(content, list) and {"image_id", "category_id"} <= first.keys():
        return "is a list of results of COCO, without photos and classes: give the file of the instances"
    if "dm_format_version" in first or {"items", "categories"} <= first.keys():
        return "is of Datumaro's own format: export it as COCO (`-f coco_instances`)"
    if any(isinstance(entry, dict) and "regions" in entry and "filename" in entry for entry in first.values()) or (
        "_via_img_metadata" in first
    ):
        return "is a project of VIA: export its annotations as COCO"
    if {"image", "annotations"} <= first.keys():
        return "is of Segment Anything, whose regions have no classes: give each region a class, as COCO"
    if {"categories", "info"} == first.keys():
        return "has only the classes of a YOLO export of Label Studio: export it as JSON"
    if {"images", "annotations"} <= first.keys():
        return 'is a COCO file without "categories": give the file of its instances'
    return f"is not a file of annotations that is known: {FORMATS}"


def without_annotations(folder: Path, files: Sequence[Path]) -> str:
    """Sentence about a folder without a file of annotations, which has these files."""
    suffixes = {file.suffix.lower() for file in files}
    if any(file.name == "labelmap.txt" for file in files):
        return f"{folder} has labelmap.txt but no masks (SegmentationClass): the export has no region with an area."
    if ".txt" in suffixes:
        return f"{folder} has no .json or .xml files, only {_YOLO}: export it as COCO; {FORMATS}."
    if ".csv" in suffixes or ".tsv" in suffixes:
        return f"{folder} has no .json or .xml files, only tables: export it as JSON or COCO; {FORMATS}."
    return f"{folder} has no .json or .xml files: {FORMATS}."
