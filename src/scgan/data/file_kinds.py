"""Kinds of files by their first bytes, for messages about files that are something else than their name says."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class FileKind(NamedTuple):
    """Kind of a file, as in "a web page", and what to do about it, as in "the download failed, get the file again"."""

    name: str
    remedy: str


LFS_POINTER = FileKind("a pointer of Git LFS", "get the file itself with `git lfs pull`")
MATLAB_7_3 = FileKind("a MATLAB 7.3 file", "save what it holds in another form")
HDF5 = FileKind("HDF5", "save what it holds in another form")

_START_LENGTH = 4096
_WEB_PAGE = FileKind("a web page", "the download failed, get the file again")
_ARCHIVE = FileKind("an archive", "unpack it")
_JPEG_XL = FileKind("a JPEG XL image", "install pillow-jxl-plugin, or convert it to JPEG or PNG")
_HDF5_MARK = b"\x89HDF\r\n\x1a\n"
_HDF5_STARTS = (0, 512, 1024, 2048)  # the mark may follow a block of the user's, as in MATLAB 7.3
_MARKS = {
    b"version https://git-lfs": LFS_POINTER,
    b"/annex/objects/": FileKind("a pointer of git-annex", "get the file itself with `git annex get`"),
    b"MATLAB 5": FileKind("a MATLAB 5 file", "save what it holds in another form"),
    b"\x93NUMPY": FileKind("a NumPy array", "save it as an image, with `PIL.Image.fromarray(array).save('….png')`"),
    b"PK\x03\x04": _ARCHIVE,
    b"\x1f\x8b": _ARCHIVE,
    b"7z\xbc\xaf\x27\x1c": _ARCHIVE,
    b"Rar!": _ARCHIVE,
    b"BZh": _ARCHIVE,
    b"\xfd7zXZ": _ARCHIVE,
    b"\xff\x0a": _JPEG_XL,
    b"\0\0\0\x0cJXL ": _JPEG_XL,
    b"%PDF": FileKind("a PDF file", "export what it holds"),
    b"<svg": FileKind("an SVG drawing", "export it as PNG"),
}
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"II*\0", b"MM\0*")
_AVIF_BRANDS = (b"avif", b"avis")
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def read_kind(file: Path) -> FileKind | None:
    """Kind of a file, or None where its first bytes say nothing or cannot be read."""
    try:
        with file.open("rb") as opened:
            return kind_of(opened.read(_START_LENGTH))
    except OSError:
        return None


def kind_of(start: bytes) -> FileKind | None:
    """Kind of a file that begins with these bytes (the first 4096), or None where they say nothing."""
    if not start:
        return FileKind("empty", "get the file again")
    if start.startswith(b"MATLAB 7.3"):
        return MATLAB_7_3
    if any(start[place : place + len(_HDF5_MARK)] == _HDF5_MARK for place in _HDF5_STARTS):
        return HDF5
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return _WEB_PAGE
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS:
        return FileKind("a HEIC photo", "install pillow-heif, or convert it to JPEG")
    if start[4:8] == b"ftyp" and start[8:12] in _AVIF_BRANDS:
        return FileKind("an AVIF image", "install a Pillow that reads AVIF (11.3 or newer), or convert it to JPEG")
    if start[257:262] == b"ustar":
        return _ARCHIVE
    return next((kind for mark, kind in _MARKS.items() if start.startswith(mark)), None)


def is_image(file: Path) -> bool:
    """True if the first bytes of a file are those of JPEG, PNG, GIF, TIFF or WebP."""
    try:
        with file.open("rb") as opened:
            start = opened.read(12)
    except OSError:
        return False
    return start.startswith(_IMAGES) or (start.startswith(b"RIFF") and start[8:] == b"WEBP")
