"""JSON export of Label Studio: brushes, polygons, rectangles and ellipses."""

from __future__ import annotations

from pathlib import PureWindowsPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from scgan.data.annotations.annotations import AnnotatedPhoto, Annotations, Region
from scgan.data.annotations.shapes import Brush, Polygons, Shape, box, ellipse
from scgan.data.images import SUFFIXES
from scgan.utils.errors import UserError
from scgan.utils.text import counted

# Results that say something about the photo or about another result.
_WITHOUT_SHAPE = ("labels", "choices", "textarea", "relation", "rating", "number", "taxonomy")

# Keys under which the photo usually stands, among other texts of a task.
_PHOTO_KEYS = ("image", "img", "photo", "image_url", "url")


def is_label_studio(content: Any) -> bool:
    return isinstance(content, list) and bool(content) and isinstance(content[0], dict) and "data" in content[0]


def read_label_studio(content: list[Any], where: str, annotations: Annotations) -> None:
    """Add the photos of an export. Later regions cover earlier ones; of several annotations the last one counts.

    Raises:
        KeyError, TypeError, ValueError: the content is damaged.
        UserError: a photo was turned in Label Studio.
    """
    several = 0
    for task in content:
        finished = [entry for entry in task.get("annotations", ()) if not entry.get("was_cancelled")]
        if not finished:
            continue
        several += len(finished) > 1
        results, name = finished[-1]["result"], _name(task["data"])
        size, regions = None, []
        for result in results:
            if result.get("image_rotation"):
                raise UserError(f"{where}: {name} was turned in Label Studio: turn it back, or turn the photo itself.")
            label, shape = _label(result, results), _shape(result)
            if shape is None or label is None:
                if result.get("type") not in _WITHOUT_SHAPE:
                    annotations.left_out[f"{result.get('type')} results"] += 1
                continue
            size = int(result["original_height"]), int(result["original_width"])
            regions.append(Region(label, shape))
        annotations.add_labels([region.label for region in regions])
        annotations.photos.append(AnnotatedPhoto(name, size, tuple(regions), where))
    if several:
        annotations.notes.append(
            f"{where} has several annotations of {counted(several, 'photo')}: the last one is taken"
        )


def _name(data: dict[str, Any]) -> str:
    """Name of the photo's file: the end of its address, percent signs decoded."""
    texts = {key.lower(): value for key, value in data.items() if isinstance(value, str)}
    usual = [texts[key] for key in _PHOTO_KEYS if key in texts]
    named = [value for value in texts.values() if _file_name(value).lower().endswith(SUFFIXES)]
    return _file_name(next(iter([*usual, *named, *texts.values()])))


def _file_name(address: str) -> str:
    parts = urlsplit(address)
    return PureWindowsPath(parse_qs(parts.query).get("d", [unquote(parts.path)])[0]).name


def _label(result: dict[str, Any], results: list[Any]) -> str | None:
    """The label of a result, which may stand in another one with the same id."""
    for other in (result, *(one for one in results if one.get("id") == result.get("id"))):
        for key, labels in other.get("value", {}).items():
            if key.endswith("labels") and labels:
                return str(labels[0])
    return None


def _shape(result: dict[str, Any]) -> Shape | None:
    value = result.get("value", {})
    if result.get("type") in _WITHOUT_SHAPE or "original_width" not in result:
        return None
    width, height = int(result["original_width"]), int(result["original_height"])
    across, down = width / 100, height / 100  # everything is in percent
    if "rle" in value:
        return Brush(bytes(value["rle"]), (height, width))
    if "points" in value:
        return Polygons((tuple(number for x, y in value["points"] for number in (x * across, y * down)),))
    if "radiusX" in value:
        radii = value["radiusX"] * across, value["radiusY"] * down
        return ellipse((value["x"] * across, value["y"] * down), radii, value.get("rotation", 0))
    if "width" in value and "height" in value:
        corner, lengths = (value["x"] * across, value["y"] * down), (value["width"] * across, value["height"] * down)
        return box(*corner, *lengths, value.get("rotation", 0))
    return None
