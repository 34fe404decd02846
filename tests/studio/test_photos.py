"""Photos in memory: bounds for each address and for all, idle ones are forgotten, faces from points."""

from pathlib import Path
from typing import cast

import numpy as np
import pytest

from scgan.faces.mean_face import toy_landmarks
from scgan.studio.messages import Crop
from scgan.studio.model import StudioModel
from scgan.studio.photos import MAX_ADDRESS_PHOTOS, MAX_PHOTOS, EditedPhoto, Photos, place_landmarks
from scgan.studio.server import load_models


class Held:
    """Stand-in of a photo: what ``Photos`` reads of it."""

    def __init__(self, id: str) -> None:
        self.id, self.model, self.last_used = id, None, float("inf")


def held(id: str) -> EditedPhoto:
    return cast(EditedPhoto, Held(id))


def ids(photos: Photos, candidates: list[str]) -> list[str]:
    def holds(id: str) -> bool:
        try:
            photos.get(id, cast(StudioModel, None))
        except KeyError:
            return False
        return True

    return [id for id in candidates if holds(id)]


def test_an_address_has_few() -> None:
    photos = Photos()
    names = [f"a{number}" for number in range(MAX_ADDRESS_PHOTOS + 2)]
    for name in names:
        photos.add("a", held(name))
    assert ids(photos, names) == names[2:]


def test_the_address_with_most_makes_room() -> None:
    photos = Photos()
    names = [f"{owner} {number}" for owner in "abcdefgh" for number in range(MAX_ADDRESS_PHOTOS)][:MAX_PHOTOS]
    for name in names:
        photos.add(name.split()[0], held(name))
    photos.add("new", held("new 0"))
    assert len(photos) == MAX_PHOTOS
    assert ids(photos, [*names, "new 0"]) == [*names[1:], "new 0"]


def test_idle_photos_are_forgotten() -> None:
    photos, photo = Photos(), Held("a")
    photos.add("a", cast(EditedPhoto, photo))
    photo.last_used = float("-inf")
    photos.forget_idle()
    assert len(photos) == 0


def test_points_of_a_part_place_the_face(face_model: Path) -> None:
    """The part is the right half of the photo; its face arrives at the position of the model's faces."""
    (model,) = load_models([face_model], "cpu")
    photo = np.zeros((200, 400, 3), np.uint8)
    photo[:, 200:] = 200
    placed = place_landmarks(model, photo, toy_landmarks(), Crop(left=0.5, top=0, side=0.5))
    assert placed.landmarks is not None and placed.image.mean() > 150
    examples = model.synthesizer.examples.landmarks
    assert examples is not None
    assert np.abs(placed.landmarks.mean(0) - examples.mean((0, 1))).max() < 0.02
    assert placed.placement.side(photo.shape) == pytest.approx(200, rel=0.1)
