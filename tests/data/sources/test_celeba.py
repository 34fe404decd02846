"""CelebA's tables on small made-up folders; photos of the real layout where they are there."""

from __future__ import annotations

import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.data.sources.celeba import open_celeba
from scgan.faces.landmarks import FACE_CLASSES
from scgan.utils.errors import ItemError, UserError

NAMES = [f"{number:06}.jpg" for number in range(1, 21)]
HEADER = "Black_Hair Male Young "


def make(folder: Path, rows: list[str] | None = None) -> Path:
    (folder / "img_align_celeba").mkdir(parents=True)
    for name in NAMES:
        Image.new("RGB", (178, 218), "gray").save(folder / "img_align_celeba" / name)
    rows = [f"{name}  1 -1  1" for name in NAMES] if rows is None else rows
    (folder / "list_attr_celeba.txt").write_text("\n".join([str(len(rows)), HEADER, *rows]) + "\n")
    return folder


def write_partition(folder: Path, parts: str) -> None:
    rows = [f"{name} {part}" for name, part in zip(NAMES, parts, strict=True)]
    (folder / "list_eval_partition.txt").write_text("\n".join(rows))


def test_tables(tmp_path: Path) -> None:
    make(tmp_path, [f"{name} {1 if index == 3 else -1} -1 1" for index, name in enumerate(NAMES)])
    write_partition(tmp_path, "0" * 15 + "1" * 3 + "2" * 2)
    source = open_celeba(tmp_path, 64, ["Young", "Black_Hair"])
    assert source.names == tuple(NAMES)
    assert source.schema.attribute_names == ("Young", "Black_Hair")
    assert source.schema.class_names == FACE_CLASSES and source.schema.landmarks
    np.testing.assert_array_equal(source.attributes[:, 0], 1)
    np.testing.assert_array_equal(np.flatnonzero(source.attributes[:, 1]), [3])
    assert source.splits == ("train",) * 15 + ("validation",) * 3 + ("test",) * 2
    assert source.notes.assumptions == ()
    assert pickle.loads(pickle.dumps(source)).description == source.description


def test_without_a_partition_no_person_is_in_two_splits(tmp_path: Path) -> None:
    make(tmp_path)
    persons = [index // 2 for index in range(20)]
    (tmp_path / "identity_CelebA.txt").write_text(
        "\n".join(f"{name} {person}" for name, person in zip(NAMES, persons, strict=True))
    )
    source = open_celeba(tmp_path, 64, ["Male"], seed=1)
    assert source.splits[::2] == source.splits[1::2]
    assert [source.splits.count(split) for split in ("train", "validation", "test")] == [16, 2, 2]
    assert source.splits == open_celeba(tmp_path, 64, ["Male"], seed=1).splits
    assert source.splits != open_celeba(tmp_path, 64, ["Male"], seed=2).splits
    assert "by person, with seed 1" in source.notes.assumptions[0]


def test_without_partition_and_identities(tmp_path: Path) -> None:
    source = open_celeba(make(tmp_path), 64, ["Male"])
    assert [source.splits.count(split) for split in ("train", "validation", "test")] == [16, 2, 2]
    assert "a person may be in two splits" in source.notes.assumptions[0]


def test_extra_photos_are_a_warning(tmp_path: Path) -> None:
    source = open_celeba(make(tmp_path, [f"{name} 1 1 1" for name in NAMES[:15]]), 64, ["Male"])
    assert len(source.names) == 15
    assert any("5 files of" in warning for warning in source.notes.assumptions)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([f"{NAMES[0]} 1 1"], r"line 3 has 3 columns, 4 are expected"),
        ([f"{NAMES[0]} 1 yes 1"], r"line 3: Male is 'yes', neither 1 nor -1"),
        ([f"{NAMES[0]} 1 1 1", f"{NAMES[0]} 1 1 1"], r"line 4: 000001\.jpg occurs a second time"),
        (["unknown.jpg 1 1 1"], r"has none of the photos of .* \(unknown\.jpg, …\)"),
        ([], r"has no rows"),
        ([f"{NAMES[0]} 1 0 1", f"{NAMES[1]} 1 -1 1"], r"Male has -1 and 0: one of them may mean unknown"),
    ],
)
def test_damaged_attribute_tables(tmp_path: Path, rows: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        open_celeba(make(tmp_path, rows), 64, ["Male"])


def test_csv_lists_and_a_nested_folder_as_on_kaggle(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "list_attr_celeba.txt").unlink()
    outer = tmp_path / "img_align_celeba"
    outer.rename(tmp_path / "inner")
    outer.mkdir()
    (tmp_path / "inner").rename(outer / "img_align_celeba")
    (tmp_path / "list_attr_celeba.csv").write_text(
        "image_id,Black_Hair,Male\n" + "".join(f"{name},{1 if name == NAMES[3] else -1},-1\n" for name in NAMES)
    )
    parts = "".join(f"{name},{index % 3}\n" for index, name in enumerate(NAMES))
    (tmp_path / "list_eval_partition.csv").write_text("image_id,partition\n" + parts)
    source = open_celeba(tmp_path, 64, ["Black_Hair"])
    assert source.photos == outer / "img_align_celeba" and len(source.names) == 20
    assert np.flatnonzero(source.attributes[:, 0]).tolist() == [3]
    assert source.splits[:3] == ("train", "validation", "test") and source.notes.assumptions == ()


def test_png_photos_of_the_published_folders(tmp_path: Path) -> None:
    made = make(tmp_path / "made")
    for inner in ("Img", "Anno", "Eval"):
        (tmp_path / inner).mkdir()
    (tmp_path / "Img" / "img_align_celeba_png").mkdir()
    for name in NAMES[:12]:
        Image.new("RGB", (178, 218)).save(tmp_path / "Img" / "img_align_celeba_png" / name.replace("jpg", "png"))
    write_partition(made, "0" * 10 + "1" * 5 + "2" * 5)
    (made / "list_attr_celeba.txt").rename(tmp_path / "Anno" / "list_attr_celeba.txt")
    (made / "list_eval_partition.txt").rename(tmp_path / "Eval" / "list_eval_partition.txt")
    source = open_celeba(tmp_path, 64, ["Male"])
    assert source.files[0] == "000001.png" and source.names == tuple(NAMES[:12])
    assert source.notes.rows_without_photo == tuple(NAMES[12:])


def test_a_web_page_in_place_of_a_list(tmp_path: Path) -> None:
    make(tmp_path)
    page = "<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head></html>\n"
    (tmp_path / "list_eval_partition.txt").write_text(page)
    with pytest.raises(UserError, match=r"partition\.txt is a web page, not a table.*Quota exceeded"):
        open_celeba(tmp_path, 64, ["Male"])
    (tmp_path / "list_attr_celeba.txt").write_text(page)
    with pytest.raises(UserError, match=r"attr_celeba\.txt is a web page, not a table.*Quota exceeded"):
        open_celeba(tmp_path, 64, ["Male"])


def test_wrong_layouts(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        open_celeba(tmp_path / "nowhere", 64)
    with pytest.raises(UserError, match="img_align_celeba is missing"):
        open_celeba(tmp_path, 64)
    make(tmp_path)
    with pytest.raises(UserError, match=r"unknown attribute 'Bald'; .* has Black_Hair, Male, Young"):
        open_celeba(tmp_path, 64, ["Bald"])
    write_partition(tmp_path, "3" * 20)
    with pytest.raises(UserError, match=r"000001\.jpg is in part '3'"):
        open_celeba(tmp_path, 64, ["Male"])
    (tmp_path / "list_eval_partition.txt").write_text("000001.jpg 0\n")
    with pytest.raises(UserError, match=r"has no row for 000002\.jpg"):
        open_celeba(tmp_path, 64, ["Male"])
    table = tmp_path / "list_attr_celeba.txt"
    table.write_text("30\n" + table.read_text().split("\n", 1)[1])
    with pytest.raises(UserError, match="has 20 rows, its first line says 30"):
        open_celeba(tmp_path, 64, ["Male"])
    table.write_text("photo,Male\n1,1\n")
    with pytest.raises(UserError, match=r"has none of the photos of .* \(1, …\)"):
        open_celeba(tmp_path, 64, ["Male"])
    table.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="is damaged UTF-16 text"):
        open_celeba(tmp_path, 64, ["Male"])


def test_single_defects_are_of_the_item(tmp_path: Path) -> None:
    source = open_celeba(make(tmp_path), 64, ["Male"])
    photos = tmp_path / "img_align_celeba"
    (photos / NAMES[0]).unlink()
    (photos / NAMES[1]).write_bytes(b"")
    (photos / NAMES[2]).write_bytes((photos / NAMES[5]).read_bytes()[:-100])
    Image.new("RGB", (100, 218)).save(photos / NAMES[3])
    for index, reason in enumerate(["is missing", "is empty", "cannot be decoded", "is 100×218 pixels"]):
        with pytest.raises(ItemError, match=f"{NAMES[index]} {reason}"):
            source.read(index)


def test_a_photo_without_a_face(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    with pytest.raises(ItemError, match="no face"):
        open_celeba(make(tmp_path), 64, ["Male"]).read(5)


def test_real_photos(shared_data: Path) -> None:
    pytest.importorskip("onnxruntime")
    source = open_celeba(shared_data / "celeba-lfw", 64)
    assert len(source.names) == 12155 and source.splits.count("test") == 1085 and not source.notes.assumptions
    eyes = FACE_CLASSES.index("eyes")
    hits = 0
    for index in range(0, 1000, 200):
        item = source.read(index)
        assert item.image.shape == (64, 64, 3) and item.landmarks is not None
        assert set(np.unique(item.segmentation)) >= {0, 1, 2, 3, 4, 5}
        # CelebA's alignment has the eyes at (69, 111) and (108, 111) of 178×218: (24.8, 32.7) and (38.8, 32.7) here.
        hits += (item.segmentation[31:35, 23:27] == eyes).any() and (item.segmentation[31:35, 37:41] == eyes).any()
        np.testing.assert_allclose(item.landmarks[36:42].mean(axis=0) * 64, (24.8, 32.7), atol=3)
    assert hits >= 4


def test_both_detectors_draw_nearly_the_same_mask(shared_data: Path) -> None:
    """The folder records which one found the landmarks; masks differ in a few pixels at edges."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("dlib")
    free, other = (open_celeba(shared_data / "celeba-lfw", 64, detector=name) for name in ("auto", "dlib"))
    assert free.description["detector"] == "mediapipe" and other.description["detector"] == "dlib"
    assert free.notes.classes == "drawn from landmarks that mediapipe found"
    one, two = free.read(400), other.read(400)
    assert (one.segmentation == two.segmentation).mean() > 0.95
    assert one.landmarks is not None and not np.array_equal(one.landmarks, two.landmarks)


def test_a_detector_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(UserError, match=r"finding faces in photos with dlib needs dlib: pip install"):
        open_celeba(make(tmp_path), 64, ["Male"], detector="dlib")


def test_somebody_in_the_background_is_not_the_face(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    make(tmp_path)
    face = Image.open(shared_data / "celeba-lfw" / "img_align_celeba" / "000001.jpg")
    photo = Image.new("RGB", (178, 218), "gray")
    photo.paste(face.crop((20, 60, 160, 200)), (-10, 100))
    photo.save(tmp_path / "img_align_celeba" / NAMES[0])
    with pytest.raises(ItemError, match="not the one that the photo is aligned to"):
        open_celeba(tmp_path, 64, ["Male"]).read(0)


def test_a_copy_of_the_photo_gives_the_same_item(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    original = shared_data / "celeba-lfw"
    make(tmp_path)
    shutil.copy(original / "img_align_celeba" / NAMES[1], tmp_path / "img_align_celeba" / NAMES[1])
    mine, theirs = open_celeba(tmp_path, 32, ["Male"]).read(1), open_celeba(original, 32, ["Male"]).read(1)
    np.testing.assert_array_equal(mine.segmentation, theirs.segmentation)
    np.testing.assert_array_equal(mine.image, theirs.image)
