"""Columns with unknown and undecided values, and with many numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photo_folder import CLASSES, PhotoFolder
from scgan.data.sources.folder import Folder
from scgan.utils.errors import ItemError, UserError

UNKNOWN = ["NA", "nan", "NaN", "None", "?", "", "N/A", "null", "NULL", "-", "#N/A", "<NA>", "unknown", " NA "]


def open_with(data: PhotoFolder, cells: list[str], **options: Any) -> Folder:
    data.write("table.csv", "\n".join(["file,x", *(f"p{index}.jpg,{cell}" for index, cell in enumerate(cells))]))
    return data.open(**options)


@pytest.mark.parametrize("word", UNKNOWN)
def test_unknown_values_are_counted(data: PhotoFolder, word: str) -> None:
    source = open_with(data, ["yes", word, "no", word])
    assert source.schema.attribute_names == ("x",) and source.attributes[:, 0].tolist() == [1, 0, 0, 0]
    assert source.notes.unknown_values == {"x": 2} and source.notes.unknown_become.startswith("taken as 0")
    source = open_with(data, ["red", word, "blue", "red"])
    assert source.schema.attribute_names == ("x=blue", "x=red")
    np.testing.assert_array_equal(source.attributes, [[0, 1], [0, 0], [1, 0], [0, 1]])
    source = open_with(data, ["0.25", word, "1", "0"])
    assert source.attributes[:, 0].tolist() == [0.25, 0, 1, 0]
    source = open_with(data, ["-1", word, "1", "1"])
    assert source.attributes[:, 0].tolist() == [0, 0, 1, 1]


def test_items_with_unknown_values_can_be_skipped(data: PhotoFolder) -> None:
    source = open_with(data, ["yes", "NA", "no", "yes"], unknown="skip")
    with pytest.raises(ItemError, match="p1: its value of column x is unknown"):
        source.read(1)
    source.read(0)
    assert source.notes.unknown_values == {"x": 1} and source.notes.unknown_become == "skipped"


def test_a_merge_may_name_a_word_for_unknown_values(data: PhotoFolder) -> None:
    data.write("merge.yaml", "attributes: {x: {bare: [None], hat: [cap, beanie]}}")
    source = open_with(data, ["None", "cap", "NA", "beanie"])
    assert source.schema.attribute_names == ("x=bare", "x=hat")
    np.testing.assert_array_equal(source.attributes, [[1, 0], [0, 1], [0, 0], [0, 1]])
    assert source.notes.unknown_values == {"x": 1}


@pytest.mark.parametrize(("undecided", "values"), [("unknown", [0, 0, 1, 0]), ("middle", [0, 0.5, 1, 0.5])])
def test_zero_beside_minus_one_and_one(data: PhotoFolder, undecided: str, values: list[float]) -> None:
    source = open_with(data, ["-1", "0", "1", "0"], undecided=undecided)
    assert source.attributes[:, 0].tolist() == values
    assert source.notes.unknown_values == ({"x": 2} if undecided == "unknown" else {})


def test_zero_as_a_category(data: PhotoFolder) -> None:
    source = open_with(data, ["-1", "0", "1", "0"], undecided="category")
    assert source.schema.attribute_names == ("x=-1", "x=0", "x=1")


@pytest.mark.parametrize("cells", [["-1", "0", "1", "0"], ["-1.0", "0.0", "1.0", "NA"], ["-1", "0", "0", "0"]])
def test_three_states_are_asked_about(data: PhotoFolder, cells: list[str]) -> None:
    with pytest.raises(UserError, match=r"column x has -1, 0.*say what 0 means, with --undecided unknown"):
        open_with(data, cells)


CODES = [["0", "1", "-999", "1"], ["0", "1", "9", "1"], ["0.5", "0.1", "-1", "1"], ["0", "1", "-9", "2"]]


@pytest.mark.parametrize("cells", CODES)
def test_codes_of_unknown_values_are_asked_about(data: PhotoFolder, cells: list[str]) -> None:
    with pytest.raises(UserError, match=f"has {cells[2]} among numbers from 0.* if this means unknown"):
        open_with(data, cells)


def test_a_column_that_counts_the_rows_is_left_out(data: PhotoFolder) -> None:
    data.write("table.csv", "index,file,x\n" + "".join(f"{index},p{index}.jpg,0.5\n" for index in range(4)))
    source = data.open()
    assert source.schema.attribute_names == ("x",)
    assert any("column index of table.csv counts the rows" in text for text in source.notes.assumptions)


def test_whole_numbers_that_pandas_wrote_with_a_point(data: PhotoFolder) -> None:
    source = open_with(data, ["3.0", "", "1.0", "10.0"])
    assert source.schema.attribute_names == ("x=1", "x=3", "x=10")
    assert source.notes.unknown_values == {"x": 1}


def test_many_whole_numbers_are_asked_about(tmp_path: Path) -> None:
    data = PhotoFolder(tmp_path, 40)
    cells = [str(20 + index % 38) for index in range(40)]
    with pytest.raises(UserError, match=r"column x has 38 different whole numbers, from 20 to 57.*--categories x"):
        open_with(data, cells)
    assert open_with(data, cells, categories=["x"]).schema.attribute_count == 38
    with pytest.raises(UserError, match="has no column 'y'"):
        open_with(data, cells, categories=["y"])


@pytest.mark.parametrize(
    "cells",
    [
        ["12%", "50%", "7 %", "100%"],
        ["1 234", "2 345", "17", "3 000"],
        ["1'234", "2'345", "1'000", "9'999"],
        ["1.234,5", "2.345,6", "1.000,0", "7"],
        ["$5", "$6", "$7", "$8"],
    ],
)
def test_numbers_written_for_people_are_refused(data: PhotoFolder, cells: list[str]) -> None:
    data.write("table.csv", "\n".join(["file;x", *(f"p{index}.jpg;{cell}" for index, cell in enumerate(cells))]))
    with pytest.raises(UserError, match=f"column x has .* for p{cells.index(cells[0])}: write numbers with a point"):
        data.open()


@pytest.mark.parametrize("cells", [["20s", "30s", "40s", "20s"], ["3D", "2D", "3D", "2D"], ["2020-01-02"] * 4])
def test_words_with_digits_are_words(data: PhotoFolder, cells: list[str]) -> None:
    assert open_with(data, cells).schema.attribute_names == tuple(f"x={word}" for word in sorted(set(cells)))


@pytest.mark.parametrize("other", ["Red", "RED", "red", "  red"])
def test_spellings_of_one_word_are_one_value(data: PhotoFolder, other: str) -> None:
    source = open_with(data, ["red", other, "blue", "red"])
    assert source.schema.attribute_names == ("x=blue", "x=red")
    assert source.attributes[1].tolist() == [0, 1]
    said = [text for text in source.notes.assumptions if "are taken as one value, 'red'" in text]
    assert len(said) == (other.strip() != "red")


def test_spellings_in_composed_and_decomposed_letters(data: PhotoFolder) -> None:
    source = open_with(data, ["gr\u00fcn", "gru\u0308n", "gr\u00fcn", "rot"])
    assert source.schema.attribute_names == ("x=gr\u00fcn", "x=rot")


def test_a_line_break_in_a_word_is_a_space(data: PhotoFolder) -> None:
    data.write("table.csv", "file,x\n" + "".join(f'p{index}.jpg,"a\r\nb{index % 2}"\n' for index in range(4)))
    assert data.open().schema.attribute_names == ("x=a b0", "x=a b1")


def test_words_that_differ_for_every_photo_are_no_attribute(tmp_path: Path) -> None:
    """Dates, authors' notes: each attribute would be that of one photo."""
    folder = PhotoFolder(tmp_path, count=11)
    folder.write("classes.json", CLASSES)
    days = [f"2024-01-{index + 1:02}" for index in range(11)]
    with pytest.raises(UserError, match="column x has another value for each photo, such as '2024-01-01'"):
        open_with(folder, days)
    assert open_with(folder, [*days[:-1], days[0]]).schema.attribute_count == 10
