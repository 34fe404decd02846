"""Annotations matched to photos: names, folders, and files that are about the same photo."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.data.annotations.annotations import AnnotatedPhoto, Region
from scgan.data.annotations.match import Matches, match_photos
from scgan.data.annotations.shapes import box
from scgan.utils.errors import UserError

REGION = (Region("leaf", box(0, 0, 4, 4)),)


def annotated(name: str, where: str = "a.json", regions: tuple[Region, ...] = REGION, own: str = "") -> AnnotatedPhoto:
    return AnnotatedPhoto(name, None, regions, where, file_name=own)


def matched(*photos: AnnotatedPhoto, items: tuple[str, ...] = ("photo", "b b"), folder: str = "data/train") -> Matches:
    return match_photos(Path("files"), photos, items, Path(folder))


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("../../up/3/0a1b2c3d-photo.png", "photo"),
        ("/data/local-files/?d=photos/b%20b.png", "b b"),
        ("images\\0a1b2c3d-b%20b.png", "b b"),
        ("PHOTO.JPG", "photo"),
    ],
)
def test_names(name: str, item: str) -> None:
    assert list(matched(annotated(name)).photos) == [item]


def test_the_folder_of_the_photos_decides() -> None:
    matches = matched(annotated("val/photo.png"), annotated("train/photo.png"))
    assert matches.photos["photo"].name == "train/photo.png"
    with pytest.raises(UserError, match=r"two annotations of photo, val/photo\.png .*: keep one"):
        matched(annotated("val/photo.png"), annotated("test/photo.png"))


def test_the_only_file_with_regions_decides() -> None:
    empty, full = annotated("photo.png", "info.json", ()), annotated("photo.png", "instances.json")
    assert matched(empty, full).photos["photo"] is full
    assert matched(empty, annotated("photo.png", "b.json", ())).photos["photo"] is empty
    with pytest.raises(UserError, match="give one of these files"):
        matched(full, annotated("photo.png", "stuff.json"))
    with pytest.raises(UserError, match="keep one"):  # two photos of one file, of which one was not annotated
        matched(annotated("x/photo.png", regions=()), annotated("y/photo.png"))


def test_the_name_of_the_annotation_file_counts_where_the_name_in_it_is_old() -> None:
    matches = matched(annotated("IMG_1.png", own="photo"))
    assert list(matches.photos) == ["photo"]
    assert matches.notes == ("1 photo found by the name of the annotation's file, not by the one in it",)
