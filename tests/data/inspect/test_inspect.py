"""Inspection finds what is wrong with a prepared folder, and nothing in a correct one."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from damage import reseal_dataset
from scgan.cli import main
from scgan.data.inspect.checks import Finding
from scgan.data.inspect.inspect import inspect
from scgan.data.inspect.orientation import turned_masks
from scgan.data.items import ItemSplits
from scgan.data.prepare.prepare import prepare
from scgan.data.prepared import PreparedDataset
from scgan.data.sources.toyfaces import ToyFaces
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors

COUNT = 80


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("doctor") / "toy"
    prepare(ToyFaces(COUNT, 32), path, processes=1)
    return path


@pytest.fixture
def faces(folder: Path) -> PreparedDataset:
    """Toy faces in memory, so that tests can change them."""
    data = PreparedDataset.open(folder)
    assert data.landmarks is not None
    return replace(
        data,
        images=np.array(data.images),
        segmentations=np.array(data.segmentations),
        attributes=np.array(data.attributes),
        landmarks=np.array(data.landmarks),
    )


def texts(data: PreparedDataset, severity: str) -> list[str]:
    return [finding.text for finding in inspect(data).findings if finding.severity == severity]


def test_toy_faces_have_no_findings(faces: PreparedDataset) -> None:
    assert inspect(faces).findings == ()


def test_histograms_by_hand() -> None:
    masks = np.zeros((3, 32, 32), np.uint8)
    masks[0, :16] = 1
    masks[2, 0, 0] = 2
    data = tiny(masks, attributes=[[1, 0], [0.5, 1], [0, 1]], splits=("train", "train", "test"))
    inspection = inspect(data)
    assert inspection.split_sizes == {"train": 2, "test": 1}
    assert inspection.class_pixels["train"].tolist() == [0.75, 0.25, 0]
    assert inspection.class_items["train"].tolist() == [1, 0.5, 0]
    assert inspection.class_pixels["test"] == pytest.approx([1023 / 1024, 0, 1 / 1024])
    assert inspection.attribute_means["train"].tolist() == [0.75, 0.5]


def test_classes_that_never_occur_or_never_in_train() -> None:
    masks = np.zeros((3, 32, 32), np.uint8)
    masks[:, :16, :] = 1
    data = tiny(masks, splits=("train", "validation", "test"))
    assert texts(data, "warning") == ["class 'c' never occurs: leave it out, or merge it with another one."]
    masks[2, 20:, 3] = 2
    assert texts(data, "error") == ["class 'c' occurs in test but never in train: it cannot be learned."]


@pytest.mark.parametrize(
    ("split", "consequence"),
    [("train", "nothing can be learned"), ("validation", "the filter of"), ("test", "nothing can be measured")],
)
def test_a_split_without_items(faces: PreparedDataset, split: str, consequence: str) -> None:
    other = "validation" if split == "test" else "test"
    splits = ItemSplits.of([other if own == split else own for own in faces.splits])
    (text,) = texts(replace(faces, splits=splits), "warning")
    assert text.startswith(f"no items for {split}: {consequence}")


def test_masks_are_empty(faces: PreparedDataset) -> None:
    faces.segmentations[[3, 5]] = 0
    (text,) = texts(faces, "error")
    assert text.startswith(f"2 of {COUNT} masks are empty, one class everywhere (the first: toy-000003)")


def test_a_single_defect_among_many_items_is_a_warning() -> None:
    masks = np.zeros((200, 32, 32), np.uint8)
    masks[1:, ::3] = 1
    masks[1:, ::4] = 2
    data = tiny(masks, splits=("train",) * 198 + ("validation", "test"))
    assert [text[:12] for text in texts(data, "warning")] == ["1 of 200 mas"]
    assert texts(data, "error") == []


@pytest.mark.parametrize("share", [0.03, 0.5, 1.0])
def test_transposed_masks_are_found_and_no_others(faces: PreparedDataset, share: float) -> None:
    turned = np.arange(round(share * COUNT)) * 7 % COUNT
    faces.segmentations[turned] = faces.segmentations[turned].transpose(0, 2, 1)
    rows = turned_masks(faces.images, faces.segmentations, faces.schema.class_count)
    assert {turn: numbers.tolist() for turn, numbers in rows.items()} == {5: sorted(turned)}
    (text,) = texts(faces, "error")
    assert text.startswith(f"{len(turned)} of {COUNT} masks look transposed")


def test_images_that_lie_on_their_side_are_reported(faces: PreparedDataset) -> None:
    faces.images[:] = faces.images.transpose(0, 2, 1, 3)
    faces.segmentations[:] = faces.segmentations.transpose(0, 2, 1)
    (text,) = texts(faces, "warning")
    assert "as if they lay on their side" in text


def test_orientation_is_not_reported_for_images_without_edges(faces: PreparedDataset) -> None:
    faces.images[:] = np.random.default_rng(0).integers(0, 256, faces.images.shape, np.uint8)
    assert not turned_masks(faces.images, faces.segmentations.transpose(0, 2, 1), 7)


def test_no_false_alarms_on_fashion(shared_data: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(shared_data / "deepfashion-ccp" / "G2.h5") as file:
        images = np.rint((file["ih"][:] + file["ih_mean"][:]) * 255).astype(np.uint8).transpose(0, 3, 2, 1)
        masks = file["b_"][:, 0].astype(np.uint8).transpose(0, 2, 1)
    schema = Schema(128, tuple("abcdefg"), distinct_colors(7))
    splits = ("train",) * 79 + ("validation",) + ("test",) * 16
    assert inspect(dataset(images, masks, schema, splits)).findings == ()
    assert len(turned_masks(images, masks.transpose(0, 2, 1), 7)[5]) == 96


def test_class_index_out_of_range(faces: PreparedDataset) -> None:
    faces.segmentations[4, 0, 0] = 9
    (text,) = texts(faces, "error")
    assert text.startswith(
        f"1 of {COUNT} masks hold unknown class indices (the first: toy-000004): 9, but there are 7 "
    )


def test_attributes_that_are_constant_or_not_numbers(faces: PreparedDataset) -> None:
    faces.attributes[:, 3] = 1
    assert texts(faces, "warning") == ["attribute 'Male' is 1 in all of train: it cannot be learned."]
    faces.attributes[6, 4] = np.nan
    (text,) = texts(faces, "error")
    assert "not numbers in [0, 1] (the first: toy-000006), 'Young' for one" in text


def test_attributes_that_exclude_each_other(faces: PreparedDataset) -> None:
    faces.attributes[7, :3] = 1
    (text,) = texts(faces, "error")
    assert text.startswith(f"1 of {COUNT} items have more than one of Black_Hair, Blond_Hair, Brown_Hair")


def test_the_same_image_in_two_splits(faces: PreparedDataset) -> None:
    faces.images[9] = faces.images[0]  # the tenth is for the test
    (text,) = texts(faces, "error")
    assert text.startswith("the same image is in train (toy-000000) and test (toy-000009): leave one")
    faces.images[9] = np.clip(faces.images[0] * 0.9 + 10, 0, 255)
    assert texts(faces, "error") == []
    (text,) = texts(faces, "warning")
    assert text.startswith("nearly the same image is in train (toy-000000) and test (toy-000009)")


def test_the_same_plain_image_in_two_splits(faces: PreparedDataset) -> None:
    faces.images[[0, 9]] = 255  # its thumbnail correlates with none
    assert texts(faces, "error")[0].startswith("the same image is in train (toy-000000) and test (toy-000009)")


def test_landmarks_outside_and_not_finite(faces: PreparedDataset) -> None:
    assert faces.landmarks is not None
    faces.landmarks[2, 0] = (-0.1, 0.5)
    (text,) = texts(faces, "warning")
    assert text.startswith(f"1 of {COUNT} items have landmarks outside of the image (the first: toy-000002)")
    faces.landmarks[3, 5, 1] = np.nan
    (text,) = texts(faces, "error")
    assert text.startswith(f"1 of {COUNT} items have landmarks without a number (the first: toy-000003)")


def test_reasons_of_skipped_items_are_counted(faces: PreparedDataset, tmp_path: Path) -> None:
    (tmp_path / "skipped.csv").write_text(
        "name,reason\na1.png,photo is 10×12 but mask 10×11\nb.png,no face found\nc.png,photo is 7×7 but mask 8×7\n"
    )
    assert inspect(replace(faces, path=tmp_path)).findings == (
        Finding("warning", "skipped by prepare: 2 like a1.png: photo is 10×12 but mask 10×11."),
        Finding("warning", "skipped by prepare: 1 like b.png: no face found."),
    )


def test_rows_without_photo_are_named(faces: PreparedDataset) -> None:
    source = replace(faces.account.source, rows_without_photo=("x.png", "y.png"))
    data = replace(faces, account=replace(faces.account, source=source))
    assert inspect(data).findings == (Finding("warning", "2 rows of the table without a photo: x.png, y.png."),)


def test_command_prints_and_draws(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.png"
    assert main(["inspect", str(folder), "--sheet", str(sheet), "--count", "7"]) == 0
    printed = capsys.readouterr().out
    assert "eyebrows" in printed and "Blond_Hair" in printed and "no problems found" in printed
    with Image.open(sheet) as image:
        assert image.width > 1000
    assert main(["inspect", str(folder)]) == 0
    assert (folder / "contact-sheet.png").is_file()


def test_command_exits_with_1_on_errors(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "copy"
    shutil.copytree(folder, broken)
    masks = np.load(broken / "segmentations.npy")
    masks[:] = 0
    np.save(broken / "segmentations.npy", masks)
    reseal_dataset(broken)
    assert main(["inspect", str(broken)]) == 1
    assert f"error: {COUNT} of {COUNT} masks are empty" in capsys.readouterr().out


def test_command_refuses_a_damaged_folder(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "copy"
    shutil.copytree(folder, broken, ignore=shutil.ignore_patterns("contact-sheet.png"))
    np.save(broken / "images.npy", np.zeros((COUNT, 32, 31, 3), np.uint8))
    assert main(["inspect", str(broken)]) == 2
    assert "images.npy is damaged" in capsys.readouterr().err
    reseal_dataset(broken)
    assert main(["inspect", str(broken)]) == 2
    printed = capsys.readouterr().err
    assert "images.npy holds uint8" in printed and "Traceback" not in printed
    assert not (broken / "contact-sheet.png").exists()


def tiny(
    masks: np.ndarray, attributes: list[list[float]] | None = None, splits: tuple[str, ...] | None = None
) -> PreparedDataset:
    count = len(masks)
    images = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), np.uint8)
    names = () if attributes is None else ("x", "y")
    schema = Schema(32, ("background", "b", "c"), distinct_colors(3), names)
    values = np.array(attributes or np.zeros((count, 0)), np.float32)
    return dataset(images, masks, schema, splits or ("train",) * count, values)


def dataset(
    images: np.ndarray, masks: np.ndarray, schema: Schema, splits: tuple[str, ...], attributes: Any = None
) -> PreparedDataset:
    count = len(images)
    return PreparedDataset(
        path=Path("nowhere"),
        schema=schema,
        images=images,
        segmentations=masks,
        attributes=np.zeros((count, 0), np.float32) if attributes is None else attributes,
        landmarks=None,
        names=tuple(f"item-{index}" for index in range(count)),
        splits=ItemSplits.of(splits),
        fingerprint="",
        source={},
    )


def test_shifted_masks_are_not_called_turned(faces: PreparedDataset) -> None:
    faces.segmentations[:] = np.roll(faces.segmentations, 1, 2)
    (text,) = texts(faces, "warning")
    assert text.startswith("the masks look shifted against their images, by pixels: 1 to the right;")
    assert texts(faces, "error") == []
