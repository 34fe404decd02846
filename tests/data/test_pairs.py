"""Photo and mask files that belong together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scgan.data.pairs import Pairs, match_files
from scgan.utils.errors import UserError


def matched(folder: Path, photos: list[str], masks: list[str], masks_in: str = "masks") -> Pairs:
    for inner, names in (("photos", photos), (masks_in, masks)):
        (folder / inner).mkdir(exist_ok=True)
        for name in names:
            (folder / inner / name).touch()
    return match_files(folder / "photos", folder / masks_in)


def names_of(pairs: Pairs) -> dict[str, str]:
    return {pairs.photos[item].name: file.name for item, file in pairs.masks.items() if item in pairs.photos}


@pytest.mark.parametrize(
    ("photo", "mask"),
    [
        ("a{}.jpg", "a{}.png"),
        ("a{}.JPG", "a{}.PNG"),
        ("IMG_{}.jpg", "img_{}.png"),
        ("a{}.jpg", "A{}.png"),
        ("bl\u00e4tter{}.jpg", "bla\u0308tter{}.png"),
        ("a{}.jpg", "a{}.jpg.png"),
        ("a{}.jpg", "a{}_mask.png"),
        ("a{}.jpg", "a{}-Mask.png"),
        ("a{}.jpg", "a{}_label.png"),
        ("a{}.jpg", "a{}_seg.png"),
        ("a{}.jpg", "a{}.mask.png"),
        ("a{}.jpg", "mask_a{}.png"),
        ("image_{}.jpg", "label_{}.png"),
        ("{}_sat.jpg", "{}_mask.png"),
        ("frame_000{}.jpg", "mask_{}.png"),
        ("a{}_leftImg8bit.png", "a{}_gtFine_labelIds.png"),
        ("a{}.jpg", "a{}_parts-v2.png"),
        ("photo{}.jpg", "set1 photo{} final.png"),
        ("000{}.jpg", "{}.png"),
        ("{}.jpg", "000{}_mask.png"),
        ("a {}.jpg", "a {}.jpg_mask.png"),
    ],
)
def test_usual_names_are_matched(tmp_path: Path, photo: str, mask: str) -> None:
    numbers = (1, 2, 10, 11)
    pairs = matched(tmp_path, [photo.format(n) for n in numbers], [mask.format(n) for n in numbers])
    assert names_of(pairs) == {photo.format(n): mask.format(n) for n in numbers}
    differs = Path(photo).stem != Path(mask).stem and "\u0308" not in mask
    assert len(pairs.assumptions) == differs


def test_exact_names_come_first(tmp_path: Path) -> None:
    pairs = matched(tmp_path, ["1.jpg", "01.jpg", "a.jpg", "b.jpg"], ["1.png", "01.png", "a.png", "B.png"])
    assert names_of(pairs) == {"1.jpg": "1.png", "01.jpg": "01.png", "a.jpg": "a.png", "b.jpg": "B.png"}


def test_items_without_partner_stay_alone(tmp_path: Path) -> None:
    pairs = matched(tmp_path, ["a.jpg", "b.jpg", "p1.jpg"], ["a.png", "c.png", "p10.png"])
    assert names_of(pairs) == {"a.jpg": "a.png"}
    assert pairs.photos.keys() == {"a", "b", "p1"} and pairs.masks.keys() == {"a", "c", "p10"}


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    pairs = matched(tmp_path, ["a.jpg", "._a.jpg", ".DS_Store"], ["a.png", "._a.png"])
    assert names_of(pairs) == {"a.jpg": "a.png"}
    assert "1 hidden file of" in pairs.assumptions[0] and "._a.jpg" in pairs.assumptions[0]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["a.jpg", "a_mask.png", "b.jpg", "b_mask.png"], {"a.jpg": "a_mask.png", "b.jpg": "b_mask.png"}),
        (["a.png", "a_mask.png", "b.png", "b_mask.png"], {"a.png": "a_mask.png", "b.png": "b_mask.png"}),
        (["a.jpg", "a.png", "b.jpg", "b.png"], {"a.jpg": "a.png", "b.jpg": "b.png"}),
        (["img_1.png", "label_1.png"], {"img_1.png": "label_1.png"}),
    ],
)
def test_one_folder_for_both(tmp_path: Path, files: list[str], expected: dict[str, str]) -> None:
    assert names_of(matched(tmp_path, files, [], masks_in="photos")) == expected


@pytest.mark.parametrize(
    ("photos", "masks", "message"),
    [
        (["a.jpg"], ["a.png", "a_mask.png"], r"photo a\.jpg has two masks, a\.png and a_mask\.png"),
        (["a.jpg"], ["a_mask.png", "a_label.png"], r"a\.jpg, a_label\.png, a_mask\.png may belong together, but more"),
        (["A.jpg", "a.jpg"], ["a_mask.png"], r"A\.jpg, a\.jpg, a_mask\.png may belong together"),
        (["a.jpg", "a.png"], ["a.png"], r"has a\.jpg and a\.png: remove one"),
        (["a.jpg"], ["b.png"], r"no photo of .* the first are called a\.jpg and b\.png"),
    ],
)
def test_names_that_are_refused(tmp_path: Path, photos: list[str], masks: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        matched(tmp_path, photos, masks)


def test_folders_that_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds photos and masks that cannot be told apart \(a\.png, b\.png\)"):
        matched(tmp_path, ["a.png", "b.png"], [], masks_in="photos")
    (tmp_path / "outer" / "train").mkdir(parents=True)
    (tmp_path / "outer" / "train" / "a.png").touch()
    with pytest.raises(UserError, match=r"outer has no images .*its folders train have some: give one of them"):
        match_files(tmp_path / "outer", tmp_path / "photos")


def test_files_that_are_not_read_are_mentioned(tmp_path: Path) -> None:
    pairs = matched(tmp_path, ["a.jpg", "b.psd", "c.PSD", "notes.txt", "._d.psd"], ["a.png"])
    (remark,) = pairs.assumptions
    assert remark == f"2 .psd files of {tmp_path / 'photos'} left out: convert them to PNG or JPEG"


def test_photos_of_new_formats_are_items(tmp_path: Path) -> None:
    pairs = matched(tmp_path, ["a.jpg", "a.HEIC", "b.heic", "c.avif"], ["a.png", "a.npy", "b.npy", "c.png"])
    assert {name: file.name for name, file in pairs.photos.items()} == {"a": "a.jpg", "b": "b.heic", "c": "c.avif"}
    assert {name: file.name for name, file in pairs.masks.items()} == {"a": "a.png", "b": "b.npy", "c": "c.png"}
    assert pairs.assumptions == [
        f"1 .heic file of {tmp_path / 'photos'} left out, which has files of the same name",
        f"1 .npy file of {tmp_path / 'masks'} left out, which has files of the same name",
    ]


def test_what_lies_in_place_of_images_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"masks has no images .*, only 2 \.npz files: convert them to PNG"):
        matched(tmp_path, ["a.jpg"], ["a.npz", "b.npz"])
    with pytest.raises(UserError, match=r"json has no images .*, only 1 \.json file: give annotations with --annot"):
        matched(tmp_path, ["a.jpg"], ["a.json"], masks_in="json")
    for name, content, message in (
        ("a.zip", b"PK\x03\x04", r"a\.zip is not a folder but an archive: unpack it"),
        ("a.json", b"{}", r"a\.json is not a folder but a file: annotations are given with --annotations"),
        ("a.csv", b"ImageId,EncodedPixels", r"a\.csv is not a folder but a table: run lengths"),
        ("a.png", b"", r"a\.png is not a folder but a file: give the folder"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=message):
            match_files(tmp_path / "photos", tmp_path / name)


def test_images_without_a_usual_suffix_are_mentioned(tmp_path: Path) -> None:
    matched(tmp_path, ["a.jpg"], ["a.png"])
    for name in ("b", "c.jpe", "notes"):
        (tmp_path / "photos" / name).write_bytes(b"text" if name == "notes" else b"\xff\xd8\xff\xe0")
    (remark,) = match_files(tmp_path / "photos", tmp_path / "masks").assumptions
    assert remark == f"2 images of {tmp_path / 'photos'} left out, without a usual suffix (b): rename them"


def test_folders_and_pipes_called_like_images_are_no_items(tmp_path: Path) -> None:
    """Reading a pipe would wait for its writer; a broken link is a photo that is missing."""
    for inner in ("photos", "masks"):
        (tmp_path / inner / "folder.png").mkdir(parents=True)
        os.mkfifo(tmp_path / inner / "pipe.png")
        (tmp_path / inner / "gone.png").symlink_to("nowhere.png")
    pairs = matched(tmp_path, ["a.png"], ["a.png"])
    assert names_of(pairs) == {"a.png": "a.png", "gone.png": "gone.png"}
