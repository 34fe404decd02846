"""Tables of attributes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photo_folder import PhotoFolder
from scgan.utils.errors import UserError

TABLE = """file,smiling,age,hat,color,score,split
p0.jpg,1,0.25,yes,red,3,train
p1.jpg,-1,1,NO,blue,1,test
p2,1,,yes,,2,val
p3.jpg,-1,0,no,red,10,train
"""


def test_table(data: PhotoFolder) -> None:
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
    assert source.notes.unknown_values == {"age": 1, "color": 1} and "taken as 0" in source.notes.unknown_become
    np.testing.assert_array_equal(data.open(columns=["hat"]).attributes[:, 0], [1, 0, 1, 0])


def test_one_hot_columns_are_a_category(data: PhotoFolder) -> None:
    """Columns named after values are a group; a single one is not."""
    data.write(
        "table.csv", "file,color=red,tall,color=blue,cut=long\np0,1,0.5,0,1\np1,0,1,1,0\np2,0,0,0,1\np3,0,0,1,1\n"
    )
    folder = data.open()
    assert folder.schema.attribute_names == ("color=red", "tall", "color=blue", "cut=long")
    assert folder.schema.attribute_groups == (("color=red", "color=blue"),)
    data.write("table.csv", "file,color=red,color=blue\np0,1,0\np1,1,1\np2,0,0\np3,0,1\n")
    with pytest.raises(UserError, match="color=red, color=blue exclude each other, but for p1 their sum is 2"):
        data.open()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "has no rows"),
        (
            "file,a\nq0,1\nq1,1\n",
            r"no row of .* names a photo: its column 'file' has 'q0', the first photo is",
        ),
        ("file,a\np0,1\np1,1\np2,1\np3,1\np3.jpg,1\n", r"line 6: p3\.jpg has a second row"),
        ("file,a\np0,1\np1,1\np2,1\np3,many\n", "column a has 'many' for p3 among numbers"),
        ("file,a\np0,x\np1,y\np2,z\np3,3\n", "column a has '3' for p3 among words"),
        ("file,a\np0,1.5\np1,0\np2,7\np3,1\n", r"numbers from 0 to 7: scale them"),
        ("file,a\np0,\np1,\np2,\np3,\n", "column a has no known value"),
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
def test_tables_that_are_refused(data: PhotoFolder, table: str, message: str) -> None:
    data.write("table.csv", table)
    with pytest.raises(UserError, match=message):
        data.open()


def test_missing_columns_are_refused(data: PhotoFolder) -> None:
    with pytest.raises(UserError, match="columns need a table"):
        data.open(columns=["hat"])
    data.write("table.csv", TABLE)
    with pytest.raises(UserError, match=r"has no column 'hut'; it has smiling, age, hat, color, score\."):
        data.open(columns=["hut"])
    with pytest.raises(UserError, match=r"cannot be read: No such file"):
        data.open(table=data.folder / "nothing.csv")


def test_a_column_of_names_is_not_a_category(tmp_path: Path) -> None:
    data = PhotoFolder(tmp_path, 65)
    data.write("table.csv", "file,garment\n" + "".join(f"p{index},word{index}\n" for index in range(65)))
    with pytest.raises(UserError, match="column garment has 65 different values"):
        data.open()
