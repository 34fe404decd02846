"""Rows of tables and the photos that they belong to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from photo_folder import MASK, PhotoFolder
from scgan.data.sources.folder import Folder
from scgan.utils.errors import ItemError, UserError


def open_with(data: PhotoFolder, header: str, rows: Sequence[str]) -> Folder:
    data.write("table.csv", "\n".join([header, *rows]) + "\n")
    return data.open()


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (",file,fresh", "{i},p{i}.jpg,{v}"),
        ("fresh,image_id", "{v},p{i}.jpg"),
        ("number,photo,fresh", "{i},p{i},{v}"),
        ("File,fresh", "p{i}.JPG,{v}"),
        ("file,fresh", "photos\\train\\p{i}.jpg,{v}"),
        ("file,fresh", "C:\\me\\photos\\p{i}.jpg,{v}"),
        ("file,fresh", "/data/photos/p{i}.png,{v}"),
        ("file,fresh", "./p{i},{v}"),
        ("path,fresh", "P{i}.jpg,{v}"),
        (",fresh", "p{i}.jpg,{v}"),
        ("fresh,name", "{v},p{i}"),
    ],
)
def test_photos_are_found(data: PhotoFolder, header: str, row: str) -> None:
    columns = None if "number" not in header else ["fresh"]
    data.write("table.csv", "\n".join([header, *(row.format(i=i, v=("no", "yes")[i % 2]) for i in range(4))]))
    source = data.open(columns=columns)
    assert source.schema.attribute_names == ("fresh",)
    assert source.attributes[:, 0].tolist() == [0, 1, 0, 1]
    assert not source.unusable


def test_rows_without_photo_are_named(data: PhotoFolder) -> None:
    source = open_with(data, "file,fresh", [f"p{i}.jpg,yes" for i in range(12)])
    assert source.notes.rows_without_photo == tuple(f"p{i}.jpg" for i in range(4, 12))
    assert not source.unusable


def test_photos_without_row_are_skipped(data: PhotoFolder) -> None:
    source = open_with(data, "file,fresh,split", ["p0.jpg,yes,train", "p2.jpg,no,test", "p3.jpg,no,train"])
    assert source.splits == ("train", "train", "test", "train")
    with pytest.raises(ItemError, match=r"p1: table\.csv has no row for it"):
        source.read(1)
    source.read(2)


def test_what_differs_is_said(data: PhotoFolder) -> None:
    source = open_with(data, ",image,fresh", [f"{i},P{i},{i % 2}" for i in range(4)])
    text = " ".join(source.notes.assumptions)
    assert "4 rows of table.csv matched to photos without regard to case" in text
    assert "column image of table.csv names the photo" in text
    assert "without a name numbers the rows" in text


def test_leading_zeros_that_a_spreadsheet_removed(data: PhotoFolder) -> None:
    for index in range(4):
        (data.folder / "images" / f"p{index}.jpg").rename(data.folder / "images" / f"00{index}.jpg")
        (data.folder / "masks" / f"p{index}.png").rename(data.folder / "masks" / f"00{index}.png")
    source = open_with(data, "file,fresh", [f"{i},{i % 2}" for i in range(4)])
    assert source.attributes[:, 0].tolist() == [0, 1, 0, 1]
    assert any("without leading zeros" in text for text in source.notes.assumptions)


def test_decomposed_letters(data: PhotoFolder) -> None:
    (data.folder / "images" / "p0.jpg").rename(data.folder / "images" / "bla\u0308tter.jpg")
    (data.folder / "masks" / "p0.png").rename(data.folder / "masks" / "bl\u00e4tter.png")
    rows = ["bl\u00e4tter.jpg,yes", *(f"p{i}.jpg,no" for i in range(1, 4))]
    source = open_with(data, "file,fresh", rows)
    assert source.names[0] == "bl\u00e4tter" and source.attributes[0, 0] == 1 and not source.unusable
    source.read(0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["p0.jpg,yes", "p0.png,no"], r"line 3: p0\.png has a second row"),
        (["p0.jpg,yes", "P0.jpg,no"], r"line 3: P0\.jpg has a second row"),
        (["x.jpg,yes", "y.jpg,no"], r"its column 'file' has 'x\.jpg', the first photo is called 'p0'"),
    ],
)
def test_rows_that_are_refused(data: PhotoFolder, rows: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        open_with(data, "file,fresh", rows)


@pytest.mark.parametrize("name", ["p0.jpg", "p0", "photos/p0.png"])
def test_a_table_without_a_header(data: PhotoFolder, name: str) -> None:
    with pytest.raises(UserError, match=f"has no header, its first line is of the photo {name}"):
        open_with(data, f"{name},yes", [f"p{index}.jpg,no" for index in range(1, 4)])


def test_a_table_with_spaces_between_its_cells(data: PhotoFolder) -> None:
    with pytest.raises(UserError, match=r"has spaces between its cells: write commas, as in file,fresh\."):
        open_with(data, "file fresh", [f"p{index}.jpg yes" for index in range(4)])


def test_a_table_of_names_only_is_mentioned(data: PhotoFolder) -> None:
    source = open_with(data, "file", [f"p{index}.jpg" for index in range(4)])
    assert "table.csv has no column but the names of the photos: no attributes" in source.notes.assumptions


def test_numbers_that_a_spreadsheet_shortened(data: PhotoFolder) -> None:
    data.photo("001", np.zeros((40, 20, 3), np.uint8))
    data.mask("001", MASK)
    with pytest.raises(UserError, match=r"line 2: 1\.23E\+11 is a number that a spreadsheet shortened"):
        open_with(data, "file,fresh", ["1.23E+11,yes", "p0.jpg,no"])
