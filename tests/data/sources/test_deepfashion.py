"""DeepFashion's files in their real layout: column-major, counted from 1."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from scgan.data.sources.deepfashion import CLASSES, open_deepfashion
from scgan.utils.errors import ItemError, UserError

COUNT = 40


def upright(row: int) -> tuple[np.ndarray, np.ndarray]:
    """Image (y, x, colour) in [0, 1] and mask (y, x) of one row: the upper half is red, the left quarter class 1."""
    photo = np.full((32, 32, 3), row / 100, np.float32)
    photo[:16, :, 0] = 0.9
    mask = np.zeros((32, 32), np.float32)
    mask[:, :8] = 1
    mask[30:] = 6
    return photo, mask


def make(folder: Path, language: dict[str, Any] | None = None, indices: dict[str, Any] | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    mean = np.random.default_rng(0).uniform(0.3, 0.6, (3, 32, 32)).astype(np.float32)
    pairs = [upright(row) for row in range(COUNT)]
    with h5py.File(folder / "G2.h5", "w") as file:
        file["ih"] = np.stack([photo.transpose(2, 1, 0) for photo, _ in pairs]) - mean
        file["ih_mean"] = mean
        file["b_"] = np.stack([mask.T[None] for _, mask in pairs])
    colors = np.arange(COUNT) % 3 + 1
    sentences = [
        f"the lady wore a {('red', 'blue', 'green')[color - 1]} {('top', 'coat')[row % 2]}"
        for row, color in enumerate(colors)
    ]
    fields = {
        "color_": colors[:, None],
        "gender_": np.zeros((COUNT, 1)),
        "nameList": np.array([f"img/id_{row // 2:08}/{row}.jpg" for row in range(COUNT)], object)[:, None],
        "engJ": np.array(sentences, object)[:, None],
    }
    savemat(folder / "language_original.mat", fields | (language or {}))
    splits = {"train_ind": np.arange(1, 31)[:, None], "test_ind": np.arange(31, 41)[:, None]}
    savemat(folder / "ind.mat", splits | (indices or {}))
    return folder


def test_images_are_upright_and_keep_their_colours(tmp_path: Path) -> None:
    source = open_deepfashion(make(tmp_path), 32)
    for row in (0, 17):
        photo, mask = upright(row)
        item = source.read(row)
        np.testing.assert_array_equal(item.segmentation, mask)
        np.testing.assert_allclose(item.image, photo * 255, atol=0.6)
    assert source.schema.class_names == CLASSES


def test_attributes_and_splits(tmp_path: Path) -> None:
    source = open_deepfashion(make(tmp_path), 32, ["color", "gender"])
    assert source.schema.attribute_names == ("color=red", "color=blue", "color=green", "gender=0")
    assert source.schema.attribute_groups == (("color=red", "color=blue", "color=green"), ("gender=0",))
    np.testing.assert_array_equal(source.attributes[:3], [[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]])
    assert source.splits[30:] == ("test",) * 10
    assert source.splits[:30].count("validation") == 2  # a twentieth of 15 garments is one: two photos
    assert source.splits[0:30:2] == source.splits[1:30:2]
    assert source.names[3] == "img/id_00000001/3.jpg"
    assert "1 red, 2 blue, 3 green" in source.notes.assumptions[0]
    assert pickle.loads(pickle.dumps(source)).names == source.names


def test_values_without_a_word_keep_their_number(tmp_path: Path) -> None:
    sentences = np.array(["the lady wore a top"] * COUNT, object)[:, None]
    source = open_deepfashion(make(tmp_path, {"engJ": sentences}), 32)
    assert source.schema.attribute_names == ("color=1", "color=2", "color=3")
    assert source.notes.assumptions == ()


def test_rows_in_no_split_are_left_out(tmp_path: Path) -> None:
    source = open_deepfashion(make(tmp_path, indices={"train_ind": np.array([[3], [5]])}), 32)
    assert len(source.names) == 12 and source.names[0] == "img/id_00000001/2.jpg"
    assert "28 rows" in source.notes.assumptions[0]
    np.testing.assert_allclose(source.read(1).image[20, 20], 255 * 0.04, atol=0.6)


@pytest.mark.parametrize(
    ("language", "indices", "message"),
    [
        ({"color_": np.ones((7, 1))}, {}, r"color has shape \(7,\), but G2.h5 has 40 rows"),
        ({"color_": np.full((COUNT, 1), 0.5)}, {}, "color is not a category"),
        ({"color_": np.array(["red"] * COUNT, object)}, {}, "has no attribute 'color'; it has gender"),
        ({}, {"train_ind": np.array([[0], [1]])}, "train_ind goes from 0 to 1, but G2.h5 has rows 1 to 40"),
        ({}, {"test_ind": np.array([[30], [41]])}, "test_ind goes from 30 to 41"),
        ({}, {"train_ind": np.array([[31], [1]])}, "rows 31 are in train_ind and in test_ind"),
        ({}, {"train_ind": np.array([[1], [1]])}, "train_ind names a row twice"),
    ],
)
def test_tables_that_do_not_fit(tmp_path: Path, language: Any, indices: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        open_deepfashion(make(tmp_path, language, indices), 32)


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        open_deepfashion(tmp_path / "nowhere", 32)
    with pytest.raises(UserError, match=r"G2\.h5 is missing"):
        open_deepfashion(tmp_path, 32)
    make(tmp_path)
    savemat(tmp_path / "ind.mat", {"train_ind": [1]})
    with pytest.raises(UserError, match="has no test_ind; it holds train_ind"):
        open_deepfashion(tmp_path, 32)
    (tmp_path / "ind.mat").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"ind\.mat is not a readable \.mat file"):
        open_deepfashion(tmp_path, 32)
    make(tmp_path)
    with h5py.File(tmp_path / "G2.h5", "a") as file:
        del file["b_"]
        file["b_"] = np.zeros((7, 1, 32, 32))
    with pytest.raises(UserError, match=r"b_ \(7, 1, 32, 32\) do not fit together"):
        open_deepfashion(tmp_path, 32)
    with h5py.File(tmp_path / "G2.h5", "a") as file:
        del file["b_"]
    with pytest.raises(UserError, match=r"G2\.h5 has no b_; it holds ih, ih_mean"):
        open_deepfashion(tmp_path, 32)
    (tmp_path / "G2.h5").write_bytes((tmp_path / "G2.h5").read_bytes()[:1000])
    with pytest.raises(UserError, match="is cut short: the download is not complete"):
        open_deepfashion(tmp_path, 32)


def test_rows_that_are_no_photo_or_mask(tmp_path: Path) -> None:
    make(tmp_path)
    with h5py.File(tmp_path / "G2.h5", "a") as file:
        file["ih"][0] = 200
        file["ih"][1, 0, 0, 0] = np.nan
        file["b_"][2, 0, 0, 0] = 7
        file["b_"][3, 0, 0, 0] = 0.5
    source = open_deepfashion(tmp_path, 32)
    with pytest.raises(ItemError, match=r"row 1: the colours .* not in 0…1"):
        source.read(0)
    with pytest.raises(ItemError, match="row 2: the colours"):
        source.read(1)
    with pytest.raises(UserError, match=r"row 3: class index 7 is out of range, .* suggests 8 classes"):
        source.read(2)
    with pytest.raises(UserError, match="row 4: b_ does not hold whole numbers"):
        source.read(3)


def test_real_files(shared_data: Path) -> None:
    source = open_deepfashion(shared_data / "deepfashion-ccp", 128)
    assert len(source.names) == 96 and source.splits.count("test") == 15 and source.splits.count("validation") == 4
    assert len(source.schema.attribute_names) == 17 and "color=black" in source.schema.attribute_names
    item = source.read(0)
    rows = [np.flatnonzero((item.segmentation == index).any(axis=1)).mean() for index in (1, 3, 5)]
    assert rows == sorted(rows), "hair above clothes above shoes"
    # It was made from this photo, which is 275 pixels wide and 416 high.
    photo = np.asarray(Image.open(shared_data / "ccp" / "images" / "0001.jpg"), float)
    np.testing.assert_allclose(item.image[:, 22:106].mean((0, 1)), photo.mean((0, 1)), atol=3)


def test_missing_h5py_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UserError, match=r"^preparing DeepFashion needs h5py: pip install 'scgan\[deepfashion\]'"):
        open_deepfashion(folder, 32)
