"""Turned, mirrored and shifted masks are found, others are not reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scgan.data.images import upright
from scgan.data.inspect.contact_sheet import contact_sheet
from scgan.data.inspect.inspect import inspect
from scgan.data.inspect.orientation import TURNS, mask_shift, turned_masks
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


@pytest.mark.parametrize("share", [0.1, 0.5, 1])
@pytest.mark.parametrize("turn", TURNS)
def test_turned_masks_are_found(open_faces: Callable[[], PreparedDataset], turn: int, share: float) -> None:
    faces = open_faces()
    rows = np.sort(np.arange(round(share * COUNT)) * 7 % COUNT)
    faces.segmentations[rows] = damage(faces.segmentations[rows], turn)
    found = turned_masks(faces.images, faces.segmentations, 7)
    assert {key: numbers.tolist() for key, numbers in found.items()} == {turn: rows.tolist()}
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
