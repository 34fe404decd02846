"""Tables as spreadsheets, pandas, R and data sets write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.data.tables.text_table import UNNAMED, read_text_table
from scgan.utils.errors import UserError

ROWS = [{"file": "a.png", "fresh": "yes"}, {"file": "b.png", "fresh": "no"}]


@pytest.mark.parametrize(
    "text",
    [
        "file,fresh\na.png,yes\nb.png,no\n",
        "file;fresh\r\na.png;yes\r\nb.png;no\r\n",
        "file\tfresh\ra.png\tyes\rb.png\tno",
        "file|fresh\na.png|yes\nb.png|no\n",
        "sep=;\nfile;fresh\na.png;yes\nb.png;no\n",
        '"sep=\t"\r\nfile\tfresh\r\na.png\tyes\r\nb.png\tno\r\n',
        "\ufefffile,fresh\na.png,yes\nb.png,no\n",
        "file,fresh,\na.png,yes,\nb.png,no,\n",
        "file,fresh\na.png,yes,\nb.png,no,,\n",
        "file,fresh,,\na.png,yes,,\nb.png,no,,\n,,,\n,,,\n",
        'file, "fresh"\n"a.png", yes\n b.png ,"no"\n',
        "\n\nfile,fresh\n\na.png,yes\nb.png,no\n\n",
        "file,,fresh\na.png,,yes\nb.png,,no\n",
        "# exported in 2024\n\nfile;fresh\na.png;yes\nb.png;no\n",
    ],
)
def test_forms_of_one_table(tmp_path: Path, text: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(text.encode())
    assert [row for _, row in read_text_table(file).rows] == ROWS


def test_utf_16_of_excel(tmp_path: Path) -> None:
    file = tmp_path / "t.txt"
    file.write_bytes("file\tfresh\r\na.png\tyes\r\nb.png\tno\r\n".encode("utf-16"))
    assert [row for _, row in read_text_table(file).rows] == ROWS


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_separators_within_cells_end_no_line(tmp_path: Path, separator: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(f'file,note,fresh\na.png,x{separator}y,yes\nb.png,"two\nlines",no\nc.png,x,yes\n'.encode())
    rows = read_text_table(file).rows
    assert [row["fresh"] for _, row in rows] == ["yes", "no", "yes"]
    assert rows[0][1]["note"] == f"x{separator}y" and [line for line, _ in rows] == [2, 3, 5]


@pytest.mark.parametrize(
    "text",
    [
        ",file,fresh\n0,a.png,yes\n1,b.png,no\n",
        "Unnamed: 0,file,fresh\n7,a.png,yes\n3,b.png,no\n",
        "Unnamed: 0.1,Unnamed: 0,file,fresh\n0,0,a.png,yes\n1,1,b.png,no\n",
        "file,fresh\n1,a.png,yes\n2,b.png,no\n",
    ],
)
def test_numbers_of_rows_have_no_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text)
    table = read_text_table(file)
    assert table.header == (UNNAMED, "file", "fresh") and table.column("file") == ["a.png", "b.png"]


def test_lists_of_celeba(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("2\nBald Young \na.png  -1  1 \nb.png   1 -1\n")
    table = read_text_table(file)
    assert table.header == ("file", "Bald", "Young") and table.rows[1] == (
        4,
        {"file": "b.png", "Bald": "1", "Young": "-1"},
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"file,fresh\n", r"t\.csv has no rows"),
        (b"file,fresh\na.png,yes,no\n", "line 2 has 3 cells, the header has 2"),
        (b"file,fresh,old\na.png,yes\n", "line 2 has 2 cells, the header has 3"),
        (b"sep=;\nfile;fresh\na.png\n", "line 3 has 1 cell,"),
        (b"file,,fresh\na.png,x,yes\n", "column 2 has no name"),
        (b"3\nBald Young\na.png -1 1\n", "has 1 row, its first line says 3: is it complete"),
        (b"1\nBald Young\na.png -1\n", "line 3 has 2 columns, 3 are expected"),
        (b"PK\x03\x04.....", "is an Excel workbook or another archive: save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old Excel workbook"),
        (b"\x1f\x8b\x08", "compressed with gzip: unpack it"),
        (b"<!DOCTYPE html><title>Quota exceeded</title>", 'is a web page, not a table.*says "Quota exceeded"'),
        ("file,x\na,1\n".encode("utf-16-le"), "has zero bytes, it is not UTF-8 text"),
        (
            b"Report of May\nfile,fresh\na.png,yes\nb.png,no\n",
            "line 2 looks like the header: remove the lines above it",
        ),
        (b'[{"file": "a.png"}]', "is JSON: save the table as CSV"),
        (b'{"a.png": 1}', "is JSON: save the table as CSV"),
        (b"SQLite format 3\0", "is a database of SQLite"),
        (b"ARROW1\0\0", "is a Feather file"),
        (b"\x80\x04\x95ab", "is a pickle of Python"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS"),
        (b"\xff\xfefile", "is damaged UTF-16 text"),
        ("größe".encode("latin1"), "is not UTF-8 text"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(content + b"x" * content.startswith(b"\xff\xfe"))
    with pytest.raises(UserError, match=message):
        read_text_table(file)
