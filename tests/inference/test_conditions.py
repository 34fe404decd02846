"""Masks from all sources: the same mask in every kind of file, and errors for other files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scgan.data.prepared import PreparedDataset
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS
from scgan.faces.rasterize import rasterize
from scgan.inference import conditions
from scgan.inference.mask_files import save_mask
from scgan.schema import Schema, colorize
from scgan.utils.errors import UserError

SCHEMA = Schema(32, FACE_CLASSES, FACE_COLORS, ("Male", "Young"), landmarks=True)


@pytest.fixture
def mask() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 7, (8, 8), np.uint8).repeat(4, 0).repeat(4, 1)


@pytest.fixture
def toys(toy_data: Path) -> PreparedDataset:
    return PreparedDataset.open(toy_data)


def test_index_palette_and_colour_masks_are_the_same_mask(mask: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(mask).save(tmp_path / "a-index.png")
    save_mask(tmp_path / "b-palette.png", mask, SCHEMA)
    Image.fromarray(colorize(mask, SCHEMA)).save(tmp_path / "c-colour.png")
    Image.fromarray(colorize(mask, SCHEMA)).convert("RGBA").save(tmp_path / "d-with-alpha.png")
    Image.fromarray(mask.astype(np.uint16)).save(tmp_path / "e-16-bits.png")
    (tmp_path / "notes.txt").write_text("no mask")
    masks = conditions.from_masks(tmp_path, SCHEMA)
    assert masks.names == ["a-index", "b-palette", "c-colour", "d-with-alpha", "e-16-bits"]
    assert masks.segmentations.dtype == np.uint8
    for segmentation in masks.segmentations:
        np.testing.assert_array_equal(segmentation, mask)
    np.testing.assert_array_equal(masks.attributes, np.zeros((5, 2)))
    assert masks.landmarks is None


def test_a_mask_of_another_size_is_resized_with_a_message(
    mask: NDArray[np.uint8], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = np.zeros((64, 80), np.uint8)
    large[:, 8:72] = mask.repeat(2, 0).repeat(2, 1)
    Image.fromarray(large).save(tmp_path / "large.png")
    masks = conditions.from_masks(tmp_path / "large.png", SCHEMA)
    np.testing.assert_array_equal(masks.segmentations[0], mask)
    message = "large.png: the central square of 80×64 pixels is resized to 32×32 (nearest neighbour)."
    assert message in capsys.readouterr().err
    Image.fromarray(large).save(tmp_path / "other.png")
    conditions.from_masks(tmp_path, SCHEMA)
    assert capsys.readouterr().err.count("\n") == 1  # a line for each size, not for each file
    (tmp_path / "other.png").unlink()
    Image.fromarray(mask).save(tmp_path / "right.png")
    conditions.from_masks(tmp_path / "right.png", SCHEMA)
    assert capsys.readouterr().err == ""


def test_resizing_mixes_no_classes(mask: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(np.where(mask > 3, 6, 0).astype(np.uint8)).resize((50, 50), 0).save(tmp_path / "mask.png")
    assert set(np.unique(conditions.from_masks(tmp_path / "mask.png", SCHEMA).segmentations)) == {0, 6}


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.full((32, 32), 7, np.uint8), r"class index 7 is out of range, the model has 7 classes"),
        (np.full((32, 32, 3), 9, np.uint8), "class index 9 is out of range, the model has 7 classes"),  # grey: indices
        (
            np.full((32, 32, 3), (9, 8, 7), np.uint8),
            r"the colour \[9, 8, 7\] is not in the model; 100.0% of the mask's",
        ),
    ],
)
def test_masks_that_the_model_does_not_know(pixels: NDArray[np.uint8], message: str, tmp_path: Path) -> None:
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    with pytest.raises(UserError, match=message):
        conditions.from_masks(tmp_path / "mask.png", SCHEMA)


def test_files_that_are_no_masks(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere does not exist: give a mask or a folder of masks"):
        conditions.from_masks(tmp_path / "nowhere", SCHEMA)
    with pytest.raises(UserError, match=r"has no mask: looked for \.jpg, "):
        conditions.from_masks(tmp_path, SCHEMA)
    (tmp_path / "mask.png").write_bytes(b"nonsense")
    with pytest.raises(UserError, match=r"mask.png cannot be decoded"):
        conditions.from_masks(tmp_path, SCHEMA)


def test_only_files_that_show_themselves_are_masks(mask: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(mask).save(tmp_path / "mask.png")
    (tmp_path / "sub.png").mkdir()
    (tmp_path / "._mask.png").write_bytes(b"what a Mac leaves on other disks")
    assert conditions.from_masks(tmp_path, SCHEMA).names == ["mask"]


def test_points_are_drawn_at_the_models_size(toys: PreparedDataset, tmp_path: Path) -> None:
    assert toys.landmarks is not None
    points = toys.landmarks[0]
    (tmp_path / "face.json").write_text(json.dumps(points.tolist()))
    face = conditions.from_landmarks(tmp_path / "face.json", SCHEMA)
    assert face.names == ["face"] and face.landmarks is not None
    np.testing.assert_array_equal(face.segmentations, toys.segmentations[:1])
    np.testing.assert_allclose(face.landmarks[0], points)
    larger = Schema(128, FACE_CLASSES, FACE_COLORS, landmarks=True)
    np.testing.assert_array_equal(
        conditions.from_landmarks(tmp_path / "face.json", larger).segmentations[0], rasterize(points, 128)
    )


def test_points_need_a_model_of_faces(tmp_path: Path) -> None:
    clothes = Schema(32, ("background", "dress"), ((0, 0, 0), (1, 1, 1)))
    for read, option in ((conditions.from_landmarks, "--landmarks"), (conditions.from_photo, "--photo")):
        with pytest.raises(UserError, match=f"{option} needs a model whose masks are drawn from 68 facial landmarks"):
            read(tmp_path / "face", clothes)


def test_a_photo_shows_one_face(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    photo = sorted((shared_data / "london" / "neutral").iterdir())[0]
    larger = Schema(128, FACE_CLASSES, FACE_COLORS, landmarks=True)
    detected = conditions.from_photo(photo, larger)
    assert detected.names == [photo.stem] and detected.landmarks is not None
    np.testing.assert_array_equal(detected.segmentations[0], rasterize(detected.landmarks[0], 128))
    assert set(np.unique(detected.segmentations)) >= {0, 1, 2, 3, 4, 5}

    with Image.open(photo) as image:
        face = image.convert("RGB").resize((200, 200))
    two = Image.new("RGB", (400, 400))
    two.paste(face, (0, 100))
    two.paste(face, (200, 100))
    two.save(tmp_path / "two.png")
    with pytest.raises(UserError, match=r"two.png: 2 faces found: crop the photo so that it shows one"):
        conditions.from_photo(tmp_path / "two.png", SCHEMA)
    Image.new("RGB", (200, 200)).save(tmp_path / "black.png")
    with pytest.raises(UserError, match=r"black.png: no face found in its central square"):
        conditions.from_photo(tmp_path / "black.png", SCHEMA)
    with pytest.raises(UserError, match=r"^\S*none.jpg is missing"):
        conditions.from_photo(tmp_path / "none.jpg", SCHEMA)


def test_items_of_a_prepared_folder_with_their_attributes(toys: PreparedDataset) -> None:
    items = conditions.from_dataset(toys.path, "3,17,0", toys.schema)
    assert items.names == ["toy-000003", "toy-000017", "toy-000000"]
    np.testing.assert_array_equal(items.segmentations, toys.segmentations[[3, 17, 0]])
    np.testing.assert_array_equal(items.attributes, toys.attributes[[3, 17, 0]])
    assert items.landmarks is not None and items.landmarks.shape == (3, 68, 2)
    assert conditions.from_dataset(toys.path, None, toys.schema).names == [
        name for name, split in zip(toys.names, toys.splits, strict=True) if split == "test"
    ]


@pytest.mark.parametrize(
    ("items", "message"), [("3,x", "'x' is not a row number"), ("60", "has rows 0 to 59, not 60"), ("-1", "not -1")]
)
def test_items_that_are_not_there(toys: PreparedDataset, items: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        conditions.from_dataset(toys.path, items, toys.schema)


def test_data_of_other_classes_or_attributes_are_refused_by_name(toys: PreparedDataset) -> None:
    with pytest.raises(UserError, match=r"differ in their attributes: only the model has none; only .* has Black_Hair"):
        conditions.from_dataset(toys.path, None, SCHEMA)
    beard = Schema(32, (*FACE_CLASSES[:-1], "beard"), FACE_COLORS, toys.schema.attribute_names, landmarks=True)
    with pytest.raises(UserError, match=r"differ in their classes: only the model has beard; only .* has mouth"):
        conditions.from_dataset(toys.path, None, beard)
    large = Schema(64, FACE_CLASSES, FACE_COLORS, toys.schema.attribute_names, landmarks=True)
    with pytest.raises(UserError, match=r"the model has size 64, .* has size 32"):
        conditions.from_dataset(toys.path, None, large)
