"""Annotations of photos, matched by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote

from scgan.data.annotations.annotations import AnnotatedPhoto
from scgan.data.names import NameFinder, base_name
from scgan.utils.errors import UserError
from scgan.utils.text import counted


class Matches(NamedTuple):
    """Annotations by photo.

    Attributes:
        photos: item → its annotation.
        notes: sentences about what was assumed and left out.
        without_photo: names that no photo has.
    """

    photos: dict[str, AnnotatedPhoto]
    notes: tuple[str, ...]
    without_photo: tuple[str, ...]


def match_photos(path: Path, annotated: Sequence[AnnotatedPhoto], items: Sequence[str], folder: Path) -> Matches:
    """Find the annotation of each photo.

    Names may have folders, the digits that Label Studio puts before them, or percent signs of addresses. Of several
    annotations of one name, that of the photos' own folder counts, else the only one with regions if they come from
    several files (COCO has files for boxes, captions and lists of photos beside that of the outlines).

    Args:
        path: names the annotations in errors.
        annotated: content of the files.
        items: names of the photos, without suffix.
        folder: folder of the photos.

    Raises:
        UserError: a photo has two annotations, or no photo has one.
    """
    finder = NameFinder(items)
    candidates: dict[str, list[AnnotatedPhoto]] = defaultdict(list)
    without_photo, notes = [], []
    by_file_name = 0
    for photo in annotated:
        item = _item(photo.name, finder)
        if item is None and photo.file_name and (item := _item(photo.file_name, finder)):
            by_file_name += 1
        if item is not None:
            candidates[item].append(photo)
        elif photo.damage:
            notes.append(f"left out: {photo.damage}")
        else:
            without_photo.append(photo.name)
    if not candidates and without_photo:
        raise UserError(
            f"{path} annotates none of the photos: it names {without_photo[0]}, the first photo is called {items[0]}."
        )
    if by_file_name:
        notes.append(
            f"{counted(by_file_name, 'photo')} found by the name of the annotation's file, not by the one in it"
        )
    photos = {}
    for item, choices in candidates.items():
        sound = [photo for photo in choices if not photo.damage]
        notes += [f"left out: {photo.damage}" for photo in (choices if sound else choices[1:]) if photo.damage]
        photos[item] = _chosen(path, item, sound, folder) if sound else choices[0]
    return Matches(photos, tuple(dict.fromkeys(notes)), tuple(without_photo))


def _item(name: str, finder: NameFinder) -> str | None:
    """The item of a name, as it stands, without an address's percent signs, or without Label Studio's digits."""
    for text in dict.fromkeys((name, unquote(name))):
        if match := finder.find(text) or finder.find(_without_upload_prefix(base_name(text))):
            return match[0]
    return None


def _without_upload_prefix(name: str) -> str:
    """The name that a person gave a photo: Label Studio puts eight hexadecimal digits and a dash before it."""
    prefix, dash, rest = name.partition("-")
    return rest if dash and len(prefix) == 8 and set(prefix) <= set("0123456789abcdef") else name


def _chosen(path: Path, item: str, choices: list[AnnotatedPhoto], folder: Path) -> AnnotatedPhoto:
    """The annotation of an item among several of its name."""
    if len(choices) > 1:
        choices = [photo for photo in choices if _lies_in(photo.name, folder)] or choices
    if len(files := {photo.where for photo in choices}) == len(choices) > 1:
        choices = [photo for photo in choices if photo.regions] or choices[:1]
    if len(choices) > 1:
        first, second = choices[:2]
        remedy = "give one of these files" if len(files) > 1 else "keep one"
        raise UserError(
            f"{path} has two annotations of {item}, {first.name} ({first.where}) and {second.name} ({second.where}): "
            f"{remedy}."
        )
    return choices[0]


def _lies_in(name: str, folder: Path) -> bool:
    """True if the folders in a name are the last ones of the photos' folder."""
    parents = PurePosixPath(name.replace("\\", "/")).parent.parts
    return bool(parents) and folder.resolve().parts[-len(parents) :] == parents
