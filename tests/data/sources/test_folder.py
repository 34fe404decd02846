"""Folders of photos and masks: pairs, defects of single items, splits, real photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photo_folder import MASK, PhotoFolder
from scgan.data.sources.folder import open_folder
from scgan.utils.errors import ItemError, UserError


def test_an_item_without_photo_or_mask_cannot_be_used(data: PhotoFolder) -> None:
    data.photo("lonely", np.zeros((40, 20, 3), np.uint8))
    data.mask("masked", MASK)
    source = data.open()
    assert source.names == ("lonely", "masked", "p0", "p1", "p2", "p3")
    with pytest.raises(ItemError, match="lonely has no mask"):
        source.read(0)
    with pytest.raises(ItemError, match="masked has no photo"):
        source.read(1)


def test_defects_of_single_items(data: PhotoFolder) -> None:
    data.mask("p0", MASK.T)
    data.mask("p1", MASK[:10])
    (data.folder / "masks" / "p2.png").write_bytes((data.folder / "masks" / "p2.png").read_bytes()[:50])
    data.photo("p3", np.zeros((40, 20), np.uint16), "png")
    (data.folder / "images" / "p3.jpg").unlink()
    source = data.open()
    for index, reason in enumerate(
        [
            r"is 20×40 pixels, its mask 40×20; it looks transposed",
            r"is 20×40 pixels, its mask 20×10$",
            r"p2\.png cannot be decoded",
            "more than 8 bits",
        ]
    ):
        with pytest.raises(ItemError, match=reason):
            source.read(index)


def test_masks_may_be_smaller_by_a_whole_number(data: PhotoFolder) -> None:
    pixels = np.kron((MASK > 0)[..., None] * np.full(3, 200, np.uint8), np.ones((4, 4, 1), np.uint8))
    data.photo("p0", pixels, "png")
    (data.folder / "images" / "p0.jpg").unlink()
    source = data.open(crop="foreground")
    item = source.read(0)
    assert item.notes == ("the mask is 4 times smaller than its photo",)
    np.testing.assert_array_equal(item.image[..., 0] > 100, item.segmentation > 0)
    assert source.read(1).notes == ()


def test_folders_that_are_refused(data: PhotoFolder, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    with pytest.raises(UserError, match="empty is not a folder"):
        open_folder(images=empty, masks=tmp_path / "masks", size=32)
    empty.mkdir()
    with pytest.raises(UserError, match="empty has no images"):
        open_folder(images=empty, masks=tmp_path / "masks", size=32)
    Image.new("RGB", (4, 4)).save(empty / "other.png")
    with pytest.raises(UserError, match=r"the first are called other\.png and p0\.png"):
        open_folder(images=empty, masks=tmp_path / "masks", size=32)
    Image.new("RGB", (4, 4)).save(empty / "other.jpg")
    with pytest.raises(UserError, match=r"has other\.jpg and other\.png: remove one of them"):
        open_folder(images=empty, masks=tmp_path / "masks", size=32)


def test_seeded_split(tmp_path: Path) -> None:
    data = PhotoFolder(tmp_path, 30)
    splits = data.open(seed=3).splits
    assert [splits.count(split) for split in ("train", "validation", "test")] == [24, 3, 3]
    assert splits == data.open(seed=3).splits != data.open(seed=4).splits


def test_real_photos_with_the_merge_file_of_the_docs(shared_data: Path) -> None:
    ccp = shared_data / "ccp"
    merge = Path(__file__).resolve().parents[3] / "docs" / "ccp-merge.yaml"
    source = open_folder(
        images=ccp / "images",
        masks=ccp / "masks",
        size=64,
        table=ccp / "attributes.csv",
        classes=ccp / "classes.json",
        merge=merge,
        columns=["color"],
        crop="foreground",
    )
    names = ("background", "hair", "skin", "upper clothes", "lower clothes", "shoes", "accessories")
    assert len(source.names) == 904 and source.schema.class_names == names and source.schema.attribute_count == 7
    assert not [warning for warning in source.notes.assumptions if "does not name" in warning]
    for index in range(0, 900, 300):
        segmentation = source.read(index).segmentation
        height = [np.flatnonzero((segmentation == index).any(axis=1)).mean() for index in (1, 3, 5)]
        assert height == sorted(height), "hair above clothes above shoes"
        assert not segmentation[[0, -1]].any() or segmentation.any(axis=1).sum() == 64, "no person is cut"
