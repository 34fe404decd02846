"""Turned, mirrored and shifted masks are found, others are not reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scgan.data.images import upright
from scgan.data.inspect.contact_sheet import contact_sheet
from scgan.data.inspect.inspect import inspect
from scgan.data.inspect.orientation import TURNS, images_lie_on_side, mask_shift, turned_masks
from scgan.data.prepare.prepare import prepare
from scgan.data.prepared import PreparedDataset
from scgan.data.sources.toyfaces import ToyFaces
from scgan.schema import IGNORED

COUNT = 64


@pytest.fixture(scope="module")
def open_faces(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], PreparedDataset]:
    path = tmp_path_factory.mktemp("turned") / "toy"
    prepare(ToyFaces(COUNT, 64), path, processes=1)

    def opened() -> PreparedDataset:
        data = PreparedDataset.open(path)
        return replace(data, images=np.array(data.images), segmentations=np.array(data.segmentations))

    return opened


def damage(masks: np.ndarray, turn: int) -> np.ndarray:
    """Masks that ``turn`` brings back."""
    inverse = {6: 8, 8: 6}.get(turn, turn)
    return np.stack([upright(mask, inverse) for mask in masks])


def turn_share(faces: PreparedDataset, turn: int, share: float) -> NDArray[np.int64]:
    """Turn masks of some rows in place; returns these."""
    rows = np.sort(np.arange(round(share * COUNT)) * 7 % COUNT)
    faces.segmentations[rows] = damage(faces.segmentations[rows], turn)
    return rows


@pytest.mark.parametrize("share", [0.1, 0.5, 1])
@pytest.mark.parametrize("turn", TURNS)
def test_turned_masks_are_found(open_faces: Callable[[], PreparedDataset], turn: int, share: float) -> None:
    faces = open_faces()
    rows = turn_share(faces, turn, share)
    found = turned_masks(faces.images, faces.segmentations, 7)
    assert {key: numbers.tolist() for key, numbers in found.items()} == {turn: rows.tolist()}


@pytest.mark.parametrize("turn", TURNS)
def test_turned_masks_are_reported(open_faces: Callable[[], PreparedDataset], turn: int) -> None:
    faces = open_faces()
    rows = turn_share(faces, turn, 0.5)
    (text,) = [finding.text for finding in inspect(faces).findings if finding.severity == "error"]
    assert text.startswith(f"{len(rows)} of {COUNT} masks look {TURNS[turn]} (the first: {faces.names[rows[0]]})")


def test_a_dozen_masks_are_enough_if_all_are_turned(open_faces: Callable[[], PreparedDataset]) -> None:
    faces = open_faces()
    found = turned_masks(faces.images[:12], damage(faces.segmentations[:12], 3), 7)
    assert found[3].tolist() == list(range(12))
    assert turned_masks(faces.images[:12], faces.segmentations[:12], 7) == {}


@pytest.mark.parametrize(("right", "down"), [(1, 0), (0, -1), (-2, 1)])
def test_shifted_masks_are_found(open_faces: Callable[[], PreparedDataset], right: int, down: int) -> None:
    faces = open_faces()
    assert mask_shift(faces.images, faces.segmentations) == (0, 0)
    faces.segmentations[:] = np.roll(faces.segmentations, (down, right), (1, 2))
    assert mask_shift(faces.images, faces.segmentations) == (right, down)
    (text,) = [finding.text for finding in inspect(faces).findings]
    assert text.startswith("the masks look shifted against their images, by pixels: ")
    assert ("1 to the right;" in text) == ((right, down) == (1, 0)) and ("1 up;" in text) == ((right, down) == (0, -1))


def test_ignored_pixels_are_left_out(open_faces: Callable[[], PreparedDataset]) -> None:
    faces = open_faces()
    faces.segmentations[:, :8] = IGNORED
    (text,) = [finding.text for finding in inspect(faces).findings]
    assert text.startswith(f"{COUNT} of {COUNT} masks hold unknown class indices")
    faces = replace(faces, schema=replace(faces.schema, ignored=True))
    inspection = inspect(faces)
    assert inspection.findings == ()
    assert inspection.class_pixels["train"].sum() == pytest.approx(1)
    faces.segmentations[3, :40] = IGNORED
    faces.segmentations[4] = np.where(faces.segmentations[4] == IGNORED, IGNORED, 0)
    texts = [finding.text for finding in inspect(faces).findings]
    assert len(texts) == 2
    assert any(text.startswith(f"1 of {COUNT} masks have more than 50% ignored pixels") for text in texts)
    assert any(text.startswith(f"1 of {COUNT} masks are empty") for text in texts)
    assert (contact_sheet(faces, 6) == (224, 224, 192)).all(-1).any()


def test_a_folder_on_disk_can_be_inspected(tmp_path: Path) -> None:
    assert inspect(prepare(ToyFaces(40, 32), tmp_path / "toy", processes=1)).findings == ()


def blobs(count: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Scenes without a layout: blobs anywhere, brighter than the ground, in noise."""
    random = np.random.default_rng(seed)
    y, x = np.indices((32, 32))
    masks = np.zeros((count, 32, 32), np.uint8)
    for mask in masks:
        for column, row, radius in random.integers([0, 0, 3], [32, 32, 7], (4, 3)):
            mask[(x - column) ** 2 + (y - row) ** 2 < radius**2] = 1
    images = 60 + 90 * masks[..., None] + random.normal(0, 10, (*masks.shape, 3))
    return np.clip(images, 0, 255).astype(np.uint8), masks


def test_masks_without_a_layout_that_lie_right() -> None:
    images, masks = blobs(200)
    assert turned_masks(images, masks, 2) == {} and mask_shift(images, masks) == (0, 0)
    assert not images_lie_on_side(images)


@pytest.mark.parametrize("turn", [2, 3, 6, 8])
def test_few_masks_without_a_layout_are_found_by_their_edges(turn: int) -> None:
    images, masks = blobs(60)
    back = {6: 8, 8: 6}.get(turn, turn)
    masks[:6] = np.stack([upright(mask, back) for mask in masks[:6]])
    found = turned_masks(images, masks, 2)
    assert set(found) == {turn} and set(found[turn]) <= set(range(6)) and len(found[turn]) >= 4


def test_masks_that_are_too_large_are_not_shifted() -> None:
    """Masks drawn with a margin gain by a shift to either side."""
    images, masks = np.full((40, 32, 32, 3), 250, np.uint8), np.zeros((40, 32, 32), np.uint8)
    for row, (image, mask) in enumerate(zip(images, masks, strict=True)):
        top = 4 + row % 12
        image[top : top + 3, 5:20] = 30
        mask[top - 1 : top + 4, 4:21] = 1
    assert mask_shift(images, masks) == (0, 0)


def test_the_smallest_of_shifts_that_are_as_good() -> None:
    """Bands say nothing about a shift along them."""
    random = np.random.default_rng(0)
    masks = np.zeros((40, 32, 32), np.uint8)
    for mask, border in zip(masks, random.integers(8, 24, 40), strict=True):
        mask[border:] = 1
    images = np.clip(80 + 90 * masks[..., None] + random.normal(0, 8, (40, 32, 32, 3)), 0, 255).astype(np.uint8)
    assert mask_shift(images, np.roll(masks, 1, 1)) == (0, 1)
