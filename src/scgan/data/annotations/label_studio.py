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
    """True for an export, and for a file of Label Studio's storage, which holds one annotation and its task."""
    if isinstance(content, dict):
        return "result" in content and isinstance(content.get("task"), dict) and "data" in content["task"]
    return isinstance(content, list) and bool(content) and isinstance(content[0], dict) and "data" in content[0]


def read_label_studio(content: Any, where: str, annotations: Annotations) -> None:
    """Add the photos of an export. Later regions cover earlier ones.

    Of several annotations of a photo the one called ground truth counts, else the latest one.

    Raises:
        KeyError, TypeError, ValueError: the content is damaged.
        UserError: a photo was turned in Label Studio, or there are only predictions.
    """
    tasks = content if isinstance(content, list) else [{"data": content["task"]["data"], "annotations": [content]}]
    several, with_labels, predicted = 0, 0, 0
    for task in tasks:
        entries = task.get("annotations") or task.get("completions") or ()
        finished = [entry for entry in entries if not (entry.get("was_cancelled") or entry.get("skipped"))]
        if not finished:
            predicted += bool(task.get("predictions"))
            continue
        several += len(finished) > 1
        results, name = _latest(finished)["result"], _name(task["data"])
        size, regions = None, []
        for result in results:
            if result.get("image_rotation"):
                raise UserError(f"{where}: {name} was turned in Label Studio: turn it back, or turn the photo itself.")
            labels, shape = _labels(result, results), _shape(result)
            if shape is None or not labels:
                if result.get("type") not in _WITHOUT_SHAPE:
                    annotations.left_out[f"{result.get('type')} results"] += 1
                continue
            with_labels += len(labels) > 1
            size = int(result["original_height"]), int(result["original_width"])
            regions.append(Region(labels[0], shape))
        annotations.add_labels([region.label for region in regions])
        annotations.photos.append(AnnotatedPhoto(name, size, tuple(regions), where))
    if predicted and predicted == len(tasks):
        raise UserError(f"{where} has predictions only: accept them as annotations in Label Studio, and export again.")
    if several:
        annotations.notes.append(
            f"{where} has several annotations of {counted(several, 'photo')}: the one called ground truth is taken, "
            "else the latest one"
        )
    if with_labels:
        annotations.notes.append(f"{where} has several labels on {counted(with_labels, 'region')}: the first is taken")


def _latest(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The annotation called ground truth, else the one that was made last; the last one of the file where none says."""
    chosen = [entry for entry in entries if entry.get("ground_truth")] or entries
    return sorted(chosen, key=lambda entry: str(entry.get("created_at") or ""))[-1]


def _name(data: dict[str, Any]) -> str:
    """Name of the photo's file: the end of its address, percent signs decoded."""
    texts = {key.lower(): value for key, value in data.items() if isinstance(value, str)}
    usual = [texts[key] for key in _PHOTO_KEYS if key in texts]
    named = [value for value in texts.values() if _file_name(value).lower().endswith(SUFFIXES)]
    return _file_name(next(iter([*usual, *named, *texts.values()])))


def _file_name(address: str) -> str:
    parts = urlsplit(address)
    return PureWindowsPath(parse_qs(parts.query).get("d", [unquote(parts.path)])[0]).name


def _labels(result: dict[str, Any], results: list[Any]) -> list[str]:
    """The labels of a result, which may stand in another one with the same id."""
    others = [other for other in results if other.get("id") == result["id"]] if result.get("id") else []
    for other in (result, *others):
        for key, labels in other.get("value", {}).items():
            if key.endswith("labels") and labels:
                return [str(label) for label in labels]
    return []


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
