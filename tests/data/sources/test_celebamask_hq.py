"""CelebAMask-HQ in the published layout, on small made-up files."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.data.prepare.prepare import prepare
from scgan.data.sources.celebamask_hq import PARTS, CelebAMaskHQ, open_celebamask_hq
from scgan.utils.errors import ItemError, UserError

# Photo 2001 lies in the second folder of masks.
NUMBERS = {0: 119614, 1: 162770, 2: 162771, 3: 182637, 4: 182638, 2001: 1}


def write_part(folder: Path, number: int, part: str, box: tuple[int, int, int, int], mode: str = "L") -> None:
    left, top, right, bottom = box
    pixels = np.zeros((64, 64), np.uint8)
    pixels[top:bottom, left:right] = 255
    place = folder / "CelebAMask-HQ-mask-anno" / str(number // 2000)
    place.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).convert(mode).save(place / f"{number:05}_{part}.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "CelebA-HQ-img").mkdir()
    for number in NUMBERS:
        Image.new("RGB", (128, 128), (number % 256, 0, 0)).save(tmp_path / "CelebA-HQ-img" / f"{number}.jpg")
        write_part(tmp_path, number, "skin", (10, 10, 50, 50), "RGB")
        write_part(tmp_path, number, "l_eye", (20, 20, 26, 24))
        write_part(tmp_path, number, "hair", (10, 4, 50, 22))
    rows = "".join(f"{number}.jpg  -1  1 \n" for number in NUMBERS)
    (tmp_path / "CelebAMask-HQ-attribute-anno.txt").write_text(f"{len(NUMBERS)}\nMale Young \n{rows}")
    lines = "".join(f"{number:<10}{original - 1:<10}{original:06}.jpg\n" for number, original in NUMBERS.items())
    (tmp_path / "CelebA-HQ-to-CelebA-mapping.txt").write_text(f"idx       orig_idx  orig_file\n{lines}")
    return tmp_path


def opened(folder: Path) -> CelebAMaskHQ:
    return open_celebamask_hq(folder, 32, ("Young", "Male"))  # type: ignore[arg-type]


def test_published_layout(folder: Path) -> None:
    source = opened(folder)
    assert source.schema.class_names == ("background", *PARTS) and source.schema.class_count == 19
    assert ("l_eye", "r_eye") in source.schema.mirrored_classes
    assert source.splits == ("train", "train", "validation", "validation", "test", "train")
    np.testing.assert_array_equal(source.attributes, [[1, 0]] * 6)
    assert source.notes.assumptions == ()
    assert pickle.loads(pickle.dumps(source)).description == source.description


def test_later_parts_cover_earlier_ones(folder: Path) -> None:
    segmentation = opened(folder).read(5).segmentation
    hair, skin, eye = (1 + PARTS.index(part) for part in ("hair", "skin", "l_eye"))
    assert segmentation[10, 11] == hair and segmentation[11, 11] == eye and segmentation[20, 11] == skin
    assert segmentation[2:11, 5:25].tolist() == [[hair] * 20] * 9
    assert not segmentation[26:].any()


def test_it_is_prepared(folder: Path, tmp_path: Path) -> None:
    dataset = prepare(opened(folder), tmp_path / "out", processes=1)
    assert len(dataset) == 6 and dataset.account.source.background == "pixels of no part"


def test_the_folder_of_the_archive(folder: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer" / "CelebAMask-HQ"
    outer.mkdir(parents=True)
    for path in [path for path in folder.iterdir() if path.name.startswith("CelebA")]:
        path.rename(outer / path.name)
    assert len(opened(tmp_path / "outer").names) == 6


def test_what_is_missing_is_said(folder: Path) -> None:
    (folder / "CelebA-HQ-img" / "3.jpg").unlink()
    (folder / "CelebA-HQ-to-CelebA-mapping.txt").unlink()
    source = opened(folder)
    assert source.notes.rows_without_photo == ("3.jpg",)
    assert "mapping.txt is missing: split 80/10/10 by photo" in source.notes.assumptions[0]


def test_single_defects_are_of_the_item(folder: Path) -> None:
    masks = folder / "CelebAMask-HQ-mask-anno" / "0"
    for file in masks.glob("00000_*"):
        file.unlink()
    Image.fromarray(np.full((64, 64), 128, np.uint8)).save(masks / "00001_nose.png")
    Image.new("L", (32, 32)).save(masks / "00002_nose.png")
    Image.new("RGB", (100, 128)).save(folder / "CelebA-HQ-img" / "3.jpg")
    for index, reason in enumerate(["no masks of 00000", "grey values", "another size", "photos .* are square"]):
        with pytest.raises(ItemError, match=reason):
            opened(folder).read(index)


def test_folders_that_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no CelebA-HQ-img, CelebAMask-HQ-mask-anno, CelebAMask-HQ-attribute-anno"):
        opened(tmp_path / "nowhere")
    mapping = folder / "CelebA-HQ-to-CelebA-mapping.txt"
    mapping.write_text("idx orig_idx orig_file\n0 119613 119614.jpg\n")
    with pytest.raises(UserError, match=r"mapping\.txt has no row for 1\.jpg, 2\.jpg.*is it complete"):
        opened(folder)
    mapping.write_text("0 119613\n")
    with pytest.raises(UserError, match=r"line 1 is '0 119613'; expected are idx, orig_idx and orig_file"):
        opened(folder)
    mapping.write_text("<html><title>Sign in</title></html>")
    with pytest.raises(UserError, match="is a web page, not a table"):
        opened(folder)
