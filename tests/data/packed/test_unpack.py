"""Data sets of other libraries: what ``scgan prepare folder`` makes of them, and what it refuses."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.data.packed.items import is_file_name, one_mask, split_in, suffix_of
from scgan.data.packed.unpack import packed_reader
from scgan.data.sources.folder import Folder, open_folder
from scgan.utils.errors import UserError

CLASSES = ["background", "thing"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def image(value: int) -> Image.Image:
    return Image.fromarray(np.full((40, 40, 3), value, np.uint8))


def mask(value: int = 1) -> Image.Image:
    values = np.zeros((40, 40), np.uint8)
    values[10:30, 10:30] = value
    return Image.fromarray(values)


def encoded(shown: Image.Image, format: str = "PNG") -> bytes:
    file = io.BytesIO()
    shown.save(file, format)
    return file.getvalue()


def write_tar(file: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(file, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file


def opened(path: Path, **options: object) -> Folder:
    classes = path.parent / "classes.json"
    classes.write_text(json.dumps(CLASSES))
    return open_folder(images=path, size=32, classes=classes, **options)


def test_tars_of_splits_with_values(tmp_path: Path) -> None:
    pytest.importorskip("webdataset")
    (tmp_path / "tars").mkdir()
    for split, key, smiles in (("train", "a", True), ("train", "b.c", False), ("val", "a", True)):
        sample = {"jpg": encoded(image(90), "JPEG"), "seg.png": encoded(mask())}
        sample["json"] = json.dumps({"smile": smiles, "box": [1, 2], "color": "red"}).encode()
        file = tmp_path / "tars" / f"{split}-{'0' if key == 'a' else '1'}.tar"
        write_tar(file, {f"{key.partition('.')[0]}.{name}": content for name, content in sample.items()})
    source = opened(tmp_path / "tars")
    assert source.names == ("a", "b", "val-0-a")
    assert source.splits == ("train", "train", "validation")
    assert source.schema.attribute_names == ("smile", "color=red")
    assert source.attributes[:, 0].tolist() == [1, 0, 1]
    item = source.read(0)
    assert item.segmentation[16, 16] == 1 and item.segmentation[0, 0] == 0 and abs(int(item.image[0, 0, 0]) - 90) < 3


def test_the_mask_is_the_file_that_is_no_jpeg(tmp_path: Path) -> None:
    pytest.importorskip("webdataset")
    file = write_tar(tmp_path / "a.tar", {"x/1.jpg": encoded(image(9), "JPEG"), "x/1.png": encoded(mask())})
    source = opened(file)
    assert source.names == ("1",) and source.read(0).segmentation.max() == 1


def test_a_hugging_face_data_set(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = {
        "image": [image(10), image(20)],
        "segmentation_mask": [mask(), mask()],
        "file_name": ["one.jpg", "two.jpg"],
        "hair": [1, 0],
        "young": [True, False],
        "boxes": [[1, 2], [3, 4]],
    }
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "segmentation_mask": datasets.Image(),
            "file_name": datasets.Value("string"),
            "hair": datasets.ClassLabel(names=["dark", "blond"]),
            "young": datasets.Value("bool"),
            "boxes": datasets.List(datasets.Value("int32")),
        }
    )
    datasets.Dataset.from_dict(rows, features).save_to_disk(str(tmp_path / "saved"))
    source = opened(tmp_path / "saved")
    assert source.names == ("one", "two")
    assert source.schema.attribute_names == ("hair=blond", "hair=dark", "young")
    assert source.attributes.tolist() == [[1, 0, 1], [0, 1, 0]]
    assert [int(source.read(row).image[0, 0, 0]) for row in (0, 1)] == [10, 20]


def test_a_data_set_is_unpacked_once_until_it_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("webdataset")
    files = {"a.png": encoded(image(1)), "a.mask.png": encoded(mask())}
    for _ in range(2):
        opened(write_tar(tmp_path / "a.tar", files) if not (tmp_path / "a.tar").exists() else tmp_path / "a.tar")
    assert capsys.readouterr().err.count("unpacked 1 item of") == 1
    write_tar(tmp_path / "a.tar", files | {"b.png": encoded(image(2)), "b.mask.png": encoded(mask())})
    assert opened(tmp_path / "a.tar").names == ("a", "b")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.png": encoded(image(1))}, "a: photo and mask cannot be told apart among png"),
        ({"a.txt": b"hello"}, "a: there is no image; name the files"),
        ({"a.1.png": b"x", "a.2.png": b"y"}, "photo and mask cannot be told apart among 1.png, 2.png"),
        ({"a.png": b"x", "a.mask.png": b"y", "a.json": b"{"}, "its .json or .cls file cannot be read"),
        ({}, "has no items"),
    ],
)
def test_tars_that_cannot_be_used(files: Mapping[str, bytes], message: str, tmp_path: Path) -> None:
    pytest.importorskip("webdataset")
    with pytest.raises(UserError) as error:
        opened(write_tar(tmp_path / "a.tar", files))
    assert message in str(error.value)
    assert not list((tmp_path / "cache").rglob("*.png"))


def test_a_damaged_tar(tmp_path: Path) -> None:
    pytest.importorskip("webdataset")
    (tmp_path / "a.tar").write_bytes(b"no tar at all" * 100)
    with pytest.raises(UserError, match=r"a\.tar is no tar file of WebDataset, or damaged"):
        opened(tmp_path / "a.tar")


def test_names_of_members_lead_nowhere_else(tmp_path: Path) -> None:
    pytest.importorskip("webdataset")
    files = {"../../a.png": encoded(image(1)), "../../a.mask.png": encoded(mask())}
    assert opened(write_tar(tmp_path / "a.tar", files)).names == ("a",)
    assert not (tmp_path.parent / "a.png").exists()


@pytest.mark.parametrize("damage", [lambda path: (path / "state.json").write_text("{}"), lambda path: None])
def test_folders_of_datasets_that_cannot_be_used(damage: Callable[[Path], object], tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_dict({"text": ["a"]}).save_to_disk(str(tmp_path / "saved"))
    damage(tmp_path / "saved")
    with pytest.raises(UserError, match=r"cannot be opened|it has no column of images, and one of photos"):
        opened(tmp_path / "saved")


def test_their_own_masks_are_used(tmp_path: Path) -> None:
    file = write_tar(tmp_path / "a.tar", {})
    with pytest.raises(UserError, match="holds its own masks: leave --masks and --annotations out"):
        opened(file, masks=tmp_path)


def test_a_folder_of_images_is_none(tmp_path: Path) -> None:
    write_tar(tmp_path / "backup.tar", {})
    image(1).save(tmp_path / "a.png")
    assert packed_reader(tmp_path) is None and packed_reader(tmp_path / "missing") is None


def test_words() -> None:
    assert one_mask(["image", "annotation"]) == one_mask(["annotation", "image"]) == ("image", "annotation")
    assert one_mask(["image", "masked"]) is None and one_mask(["mask", "label"]) is None
    assert [split_in(name) for name in ("train-00.tar", "my_val_1", "VALIDATION", "trainer", "restest")] == [
        *("train", "val", "VALIDATION", None, None)
    ]
    assert (
        suffix_of("a.JPG", b"") == ".jpg" and suffix_of("a", b"\xff\xd8\xff") == ".jpg" and suffix_of("", b"") == ".png"
    )
    assert is_file_name("a") and not any(map(is_file_name, ("", "..", "a/b", "a\0", "x" * 300)))
