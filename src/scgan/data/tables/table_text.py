"""Text of table files, and the names of the files that are no text."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from scgan.utils.errors import UserError
from scgan.utils.text import read_text

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HTML = re.compile(r"\s*(<!doctype html|<html|<head|<\?xml[^>]*>\s*<!doctype html)", re.IGNORECASE)
_JSON = re.compile(r"\s*(\{\s*\"|\[\s*[{\[\"])")
_KINDS = {
    b"PK\x03\x04": "an Excel workbook or another archive: save the sheet as CSV, or unpack the archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV",
    b"\x1f\x8b": "compressed with gzip: unpack it",
    b"PAR1": "a Parquet file: save it as CSV",
    b"SQLite format 3": "a database of SQLite: export the table as CSV",
    b"ARROW1": "a Feather file: save it as CSV",
    b"\x80\x04": "a pickle of Python: save the table as CSV, with `table.to_csv`",
    b"\x80\x05": "a pickle of Python: save the table as CSV, with `table.to_csv`",
    b"{\\rtf": "an RTF document: save the table as CSV",
    b"version https://git-lfs": "a pointer of Git LFS: get the file itself with `git lfs pull`",
    b"%PDF": "a PDF file: save the table as CSV",
}


def read_table_text(file: Path) -> str:
    """Read the text of a table: UTF-8, or UTF-16 with a byte order mark.

    Raises:
        UserError: the file is missing, empty, not text, or a web page in place of a download.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(32)
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from error
    for mark, kind in _KINDS.items():
        if start.startswith(mark):
            raise UserError(f"{file} is {kind}.")
    if start.startswith(_UTF16_MARKS):
        try:
            text = file.read_bytes().decode("utf-16")
        except UnicodeDecodeError as error:
            raise UserError(f"{file} is damaged UTF-16 text ({error.reason}): save it as UTF-8.") from error
    else:
        text = read_text(file)
    if "\0" in text:
        raise UserError(f"{file} has zero bytes, it is not UTF-8 text: save it as UTF-8.")
    if _HTML.match(text):
        raise UserError(f"{file} is a web page, not a table: the download failed, get the file again{_title(text)}.")
    if _JSON.match(text):
        arguments = "file, lines=True" if text.lstrip().startswith("{") and text.strip().count("\n{") else "file"
        raise UserError(f"{file} is JSON: save the table as CSV, as with `pandas.read_json({arguments}).to_csv`.")
    return text


def _title(text: str) -> str:
    title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
    return f' (the page says "{" ".join(title[1].split())[:80]}")' if title and title[1].strip() else ""
