"""One's own photos and masks of every kind, tables, joined classes, crops; and what is said when they do not fit."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scgan.data.sources.folder import Folder, open_folder
from scgan.utils.errors import ItemError, UserError

CLASSES = ["background", "hair", "left arm", "right arm"]
COLORS = {"background": [0, 0, 0], "hair": [255, 0, 0], "left arm": [0, 255, 0], "right arm": [0, 0, 255]}
# 40 high, 20 wide: hair at the top, arms below.
MASK = np.zeros((40, 20), np.uint8)
MASK[4:10, 6:14] = 1
MASK[10:30, 6:8] = 2
MASK[10:30, 12:14] = 3


class Data:
    """A folder with images/, masks/ and whatever else a test writes."""

    def __init__(self, folder: Path, count: int = 4) -> None:
        self.folder = folder
        for index in range(count):
            self.photo(f"p{index}", np.full((40, 20, 3), 60 * index % 256, np.uint8))
            self.mask(f"p{index}", MASK)

    def photo(self, name: str, pixels: Any, suffix: str = "jpg", **options: Any) -> None:
        (self.folder / "images").mkdir(exist_ok=True, parents=True)
        Image.fromarray(pixels).save(self.folder / "images" / f"{name}.{suffix}", **options)

    def mask(self, name: str, pixels: Any, suffix: str = "png") -> None:
        image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        (self.folder / "masks").mkdir(exist_ok=True, parents=True)
        image.save(self.folder / "masks" / f"{name}.{suffix}")

    def write(self, name: str, text: Any) -> Path:
        file = self.folder / name
        file.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return file

    def open(self, **options: Any) -> Folder:
        for key, name in (("classes", "classes.json"), ("table", "table.csv"), ("merge", "merge.yaml")):
            if (self.folder / name).exists():
                options.setdefault(key, self.folder / name)
        return open_folder(images=self.folder / "images", masks=self.folder / "masks", **{"size": 32, **options})


@pytest.fixture
def data(tmp_path: Path) -> Data:
    data = Data(tmp_path)
    data.write("classes.json", CLASSES)
    return data


def test_index_masks(data: Data) -> None:
    source = data.open()
    assert source.names == ("p0", "p1", "p2", "p3")
    assert source.schema.class_names == tuple(CLASSES)
    assert source.schema.mirrored_classes == (("left arm", "right arm"),)
    item = source.read(2)
    # The middle 20×20 of 20×40 begins in row 10; nearest neighbour from 20 to 32.
    nearest = ((np.arange(32) + 0.5) * 20 / 32).astype(int)
    np.testing.assert_array_equal(item.segmentation, MASK[10:30][np.ix_(nearest, nearest)])
    np.testing.assert_allclose(item.image, 120, atol=1)
    assert item.attributes.shape == (0,)
    assert pickle.loads(pickle.dumps(source)).description == source.description


def test_masks_of_every_kind_mean_the_same(data: Data) -> None:
    palette = Image.fromarray(MASK, "P")
    palette.putpalette([value for color in COLORS.values() for value in color])
    colors = np.array(list(COLORS.values()), np.uint8)[MASK]
    data.mask("p1", palette)
    data.mask("p2", Image.fromarray(MASK.astype(np.uint16)))
    expected = data.open().read(0).segmentation
    for index in (1, 2):
        np.testing.assert_array_equal(data.open().read(index).segmentation, expected)
    # By colour: palette, RGB and RGBA masks.
    data.write("classes.json", COLORS)
    for name, image in (("p0", colors), ("p2", Image.fromarray(colors).convert("RGBA")), ("p3", colors)):
        data.mask(name, image)
    source = data.open()
    assert source.schema.class_colors[1] == (255, 0, 0)
    for index in range(4):
        np.testing.assert_array_equal(source.read(index).segmentation, expected)


def test_values_with_a_meaning(data: Data) -> None:
    data.write("classes.json", {"background": 0, "object": 255})
    for index in range(4):
        data.mask(f"p{index}", np.where(MASK > 0, 255, 0).astype(np.uint8))
    np.testing.assert_array_equal(np.unique(data.open().read(0).segmentation), [0, 1])


def test_classes_nobody_named(data: Data) -> None:
    (data.folder / "classes.json").unlink()
    assert data.open().schema.class_names == ("class 0", "class 1", "class 2", "class 3")
    for index in range(4):
        data.mask(f"p{index}", np.array(list(COLORS.values()), np.uint8)[MASK])
    assert data.open().schema.class_names == ("#000000", "#0000ff", "#00ff00", "#ff0000")
    for index in range(4):
        data.mask(f"p{index}", np.where(MASK > 0, 255, 0).astype(np.uint8))
    with pytest.raises(UserError, match=r"go up to 255 \(0, 255\): say what they mean with --classes"):
        data.open()


def test_class_index_out_of_range(data: Data) -> None:
    data.mask("p3", np.where(MASK == 3, 6, MASK))
    with pytest.raises(
        UserError, match=r"p3\.png: class index 6 is out of range.* 4 classes .* 0, 1, 2, 6, .* 7 classes"
    ):
        data.open()


def test_unknown_colour(data: Data) -> None:
    data.write("classes.json", COLORS)
    pixels = np.zeros((40, 20, 3), np.uint8)
    pixels[:4] = 7, 8, 9
    for index in range(4):
        data.mask(f"p{index}", pixels)
    with pytest.raises(
        UserError, match=r"the colour \[7, 8, 9\] is not in .*; 10\.0% of the mask's pixels.*anti-aliasing"
    ):
        data.open()


def test_masks_saved_as_jpeg(data: Data) -> None:
    (data.folder / "classes.json").unlink()
    for index in range(4):
        (data.folder / "masks" / f"p{index}.png").unlink()
        data.mask(f"p{index}", np.random.default_rng(0).integers(0, 255, (40, 20, 3), np.uint8), "jpg")
    with pytest.raises(UserError, match="too many for classes; the usual cause is JPEG"):
        data.open()


def test_colour_masks_with_a_list_of_names(data: Data) -> None:
    data.mask("p0", np.zeros((40, 20, 3), np.uint8))
    with pytest.raises(UserError, match=r"p0\.png is a colour mask .* give them with --classes"):
        data.open()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[", "is not JSON"),
        ("7", "is not a list of classes"),
        ({"a": 0, "b": 0}, "classes 'a' and 'b' are the same"),
        ({"a": [0, 0, 0], "b": [0, 0, 256]}, "class 'b' has .* numbers from 0 to 255"),
        ({"a": [0, 0, 0], "b": 3}, "class 'b' has 3"),
        (["a", "a"], "'a' occurs 2 times"),
        ('{"a": 0, "a": 1, "b": 2}', "'a' occurs 2 times"),
        (["a", ""], "has a class without a name"),
        ({"a": 0, " ": 1}, "has a class without a name"),
        (["a"], "at least 2 segmentation classes|out of range"),
    ],
)
def test_class_files_that_are_none(data: Data, content: Any, message: str) -> None:
    data.write("classes.json", content)
    with pytest.raises(UserError, match=message):
        data.open()


def test_joined_classes(data: Data) -> None:
    data.write("merge.yaml", "classes:\n  arms: [left arm, right arm]\n")
    source = data.open()
    assert source.schema.class_names == ("background", "arms")
    assert any("does not name joined the background: hair" in warning for warning in source.warnings)
    np.testing.assert_array_equal(source.read(0).segmentation[0, [5, 10, 15, 20]], [0, 1, 0, 1])
    data.write("merge.yaml", "classes: {arms: [left arm, wing]}")
    with pytest.raises(UserError, match=r"merge\.yaml: unknown class 'wing'"):
        data.open()
    data.write("merge.yaml", "classes: {arms: [hair], hair: [hair]}")
    with pytest.raises(UserError, match="'hair' occurs 2 times"):
        data.open()
    data.write("merge.yaml", "arms: [hair]")
    with pytest.raises(UserError, match="expected are the keys classes and attributes"):
        data.open()
    data.write("merge.yaml", "classes: [}")
    with pytest.raises(UserError, match="is not YAML"):
        data.open()


def test_a_class_called_null(data: Data) -> None:
    data.write("classes.json", ["null", "no", "left arm", "right arm"])
    data.write("merge.yaml", "classes: {background: [null], hair: [no], arms: [left arm, right arm]}")
    assert data.open().schema.class_names == ("background", "hair", "arms")


TABLE = """file,smiling,age,hat,color,score,split
p0.jpg,1,0.25,yes,red,3,train
p1.jpg,-1,1,NO,blue,1,test
p2,1,,yes,,2,val
p3.jpg,-1,0,no,red,10,train
"""


def test_table(data: Data) -> None:
    data.write("table.csv", TABLE)
    source = data.open()
    scores = ("score=1", "score=2", "score=3", "score=10")
    assert source.schema.attribute_names == ("smiling", "age", "hat", "color=blue", "color=red", *scores)
    assert source.schema.attribute_groups == (("color=blue", "color=red"), scores)
    np.testing.assert_array_equal(
        source.attributes,
        [
            [1, 0.25, 1, 0, 1, 0, 0, 1, 0],
            [0, 1, 0, 1, 0, 1, 0, 0, 0],
            [1, 0, 1, 0, 0, 0, 1, 0, 0],
            [0, 0, 0, 0, 1, 0, 0, 0, 1],
        ],
    )
    assert source.splits == ("train", "test", "validation", "train")
    assert [w for w in source.warnings if "1 of 4 cells of column color are empty" in w]
    np.testing.assert_array_equal(data.open(columns=["hat"]).attributes[:, 0], [1, 0, 1, 0])


def test_a_category_written_out(data: Data) -> None:
    """Columns with the values' names are a group again; one alone is no category."""
    data.write(
        "table.csv", "file,color=red,tall,color=blue,cut=long\np0,1,0.5,0,1\np1,0,1,1,0\np2,0,0,0,1\np3,0,0,1,1\n"
    )
    folder = data.open()
    assert folder.schema.attribute_names == ("color=red", "tall", "color=blue", "cut=long")
    assert folder.schema.attribute_groups == (("color=red", "color=blue"),)
    data.write("table.csv", "file,color=red,color=blue\np0,1,0\np1,1,1\np2,0,0\np3,0,1\n")
    with pytest.raises(UserError, match="color=red, color=blue exclude each other, but for p1 their sum is 2"):
        data.open()


def test_joined_values(data: Data) -> None:
    data.write("table.csv", "name;color\np0;red\np1;navy\np2;black\np3;green\n")
    data.write("merge.yaml", "attributes: {color: {dark: [navy, black], warm: [red]}}")
    source = data.open()
    assert source.schema.attribute_names == ("color=dark", "color=warm")
    np.testing.assert_array_equal(source.attributes, [[0, 1], [1, 0], [1, 0], [0, 0]])
    assert any("does not name are taken as zeros: green" in warning for warning in source.warnings)
    data.write("merge.yaml", "attributes: {colour: {dark: [navy]}}")
    with pytest.raises(UserError, match="has no column 'colour'; it has color"):
        data.open()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "has no rows"),
        ("file,a\np0,1\np1,1\np2,1\n", r"has no row for p3"),
        ("file,a\np0,1\np1,1\np2,1\np3,1\np9,1\n", r"items that are not there: 'p9' \(line 6\)"),
        ("file,a\np0,1\np1,1\np2,1\np3,1\np3.jpg,1\n", r"line 6: p3\.jpg has a second row"),
        ("file,a\np0,1\np1,1\np2,1\np3,many\n", "column a has 'many' for p3 among numbers"),
        ("file,a\np0,x\np1,y\np2,z\np3,3\n", "column a has '3' for p3 among words"),
        ("file,a\np0,1.5\np1,0\np2,7\np3,1\n", r"numbers from 0 to 7: scale them"),
        ("file,a\np0,\np1,\np2,\np3,\n", "nothing but empty cells"),
        ("file,a\np0,1,2\n", "line 2 has 3 cells, the header has 2"),
        ("file,a,a\np0,1,1\n", "the header has 'a' twice"),
        ("file;a\np0;0\np1;0,25\np2;0,5\np3;1\n", "column a has '0,25' for p1: write numbers with a point"),
        ("file;a\np0;0,1\np1;0,9\np2;0,5\np3;0,1\n", "column a has '0,1' for p0: write numbers with a point"),
        ('file,"a,b"\np0,0\np1,1\np2,0\np3,1\n', "attribute 'a,b' has a comma.*--attributes.* rename it"),
        ('file,a\np0,"x, y"\np1,z\np2,z\np3,z\n', "attribute 'a=x, y' has a comma"),
        ('file,"a\np0,1\np1,1\np2,1\np3,1\n', r"table\.csv, line 1 is not a row .*: look for a \" that is not closed"),
        ('file,a\np0,1\np1,"1\np2,1\np3,1\n', r"table\.csv, line 3 is not a row"),
        ("file,split\np0,train\np1,train\np2,train\np3,exam\n", "p3 has split 'exam'"),
    ],
)
def test_tables_that_do_not_fit(data: Data, table: str, message: str) -> None:
    data.write("table.csv", table)
    with pytest.raises(UserError, match=message):
        data.open()


def test_columns_that_are_not_there(data: Data) -> None:
    with pytest.raises(UserError, match="columns need a table"):
        data.open(columns=["hat"])
    data.write("table.csv", TABLE)
    with pytest.raises(UserError, match=r"has no column 'hut'; it has smiling, age, hat, color, score\."):
        data.open(columns=["hut"])
    with pytest.raises(UserError, match=r"cannot be read: No such file"):
        data.open(table=data.folder / "nothing.csv")


def test_a_column_of_names_is_no_category(tmp_path: Path) -> None:
    data = Data(tmp_path, 65)
    data.write("table.csv", "file,garment\n" + "".join(f"p{index},word{index}\n" for index in range(65)))
    with pytest.raises(UserError, match="column garment has 65 different values"):
        data.open()


def test_missing_partners_are_of_the_item(data: Data) -> None:
    data.photo("lonely", np.zeros((40, 20, 3), np.uint8))
    data.mask("masked", MASK)
    source = data.open()
    assert source.names == ("lonely", "masked", "p0", "p1", "p2", "p3")
    with pytest.raises(ItemError, match="lonely has no mask"):
        source.read(0)
    with pytest.raises(ItemError, match="masked has no photo"):
        source.read(1)


def test_single_defects_are_of_the_item(data: Data) -> None:
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


def test_a_decompression_bomb(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 700)  # the masks have 800
    with pytest.raises(ItemError, match="too large to decode safely"):
        data.open().read(0)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 300)  # more than twice that is another error of Pillow's
    with pytest.raises(ItemError, match="too large to decode safely"):
        data.open().read(0)


def test_folders_that_do_not_fit(data: Data, tmp_path: Path) -> None:
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


def test_exif_orientation_is_respected(data: Data) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: shown after a quarter turn clockwise
    lying = np.zeros((20, 40, 3), np.uint8)
    lying[:, :20] = 250  # the left half as stored is the upper half as shown
    data.photo("p0", lying, quality=95, exif=exif)
    image = data.open(crop="pad").read(0).image
    assert image[8, 16].min() > 200 and image[24, 16].max() < 50


def test_transparent_parts_are_white(data: Data) -> None:
    (data.folder / "images" / "p0.jpg").unlink()
    data.photo("p0", np.zeros((40, 20, 4), np.uint8), "png")
    assert data.open().read(0).image.min() == 255


def test_crops(data: Data) -> None:
    photo = np.zeros((40, 20, 3), np.uint8)
    photo[..., 0] = np.where(MASK > 0, 250, 50)
    data.photo("p0", photo, quality=100, subsampling=0)
    (center, foreground, pad) = (data.open(crop=crop).read(0) for crop in ("center", "foreground", "pad"))
    assert (center.segmentation == 1).sum() == 0, "the hair is above the middle"
    for item in (foreground, pad):
        # The photo is scaled with the mask: red where there is a class.
        assert item.image[item.segmentation > 0, 0].mean() > 200 > 120 > item.image[item.segmentation == 0, 0].mean()
    # pad: all 40 rows are seen; rows 4…29 become 3…23 of 32, columns 6…13, now 16…23 of 40, become 13…18 of 32.
    rows, columns = np.nonzero(pad.segmentation)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 23, 13, 18)
    # foreground: 26 rows and a tenth more are 29: over the edges of the 20 columns, background is added.
    rows, columns = np.nonzero(foreground.segmentation)
    assert rows.max() - rows.min() + 1 == pytest.approx(26 / 29 * 32, abs=1)
    assert rows.min() > 0 and rows.max() < 31
    assert np.unique(foreground.image[:, [0, 31], 0]).max() < 60, "the padding repeats the border"


def test_foreground_crop_keeps_tall_things_whole(data: Data) -> None:
    mask = np.zeros((40, 20), np.uint8)
    mask[:, 15:] = 1
    mask[0], mask[39] = 2, 3
    data.mask("p0", mask)
    segmentation = data.open(crop="foreground").read(0).segmentation
    assert (segmentation[0] == 2).any() and (segmentation[31] == 3).any()
    data.mask("p1", np.zeros((40, 20), np.uint8))
    with pytest.raises(ItemError, match="nothing but background"):
        data.open(crop="foreground").read(1)


def test_seeded_split(tmp_path: Path) -> None:
    data = Data(tmp_path, 30)
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
    assert not [warning for warning in source.warnings if "does not name" in warning]
    for index in range(0, 900, 300):
        segmentation = source.read(index).segmentation
        height = [np.flatnonzero((segmentation == index).any(axis=1)).mean() for index in (1, 3, 5)]
        assert height == sorted(height), "hair above clothes above shoes"
        assert not segmentation[[0, -1]].any() or segmentation.any(axis=1).sum() == 64, "nobody is cut"
