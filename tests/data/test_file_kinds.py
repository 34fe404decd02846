"""Files that are something else than their name says."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from scgan.data.file_kinds import kind_of
from scgan.data.images import read_photo
from scgan.data.mask_pixels import open_mask
from scgan.utils.errors import ItemError


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n<HTML><title>404", "is a web page, not an image that can be read: the download failed"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:", "is a pointer of Git LFS, .* `git lfs pull`"),
        (b"/annex/objects/SHA256E-s1--a.png", "is a pointer of git-annex"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1", "is a HEIC photo, .*: install pillow-heif, or convert it"),
        (b"\xff\x0a\xfa\x1f", "is a JPEG XL image, .*: install pillow-jxl-plugin, or convert it"),
        (b"\x93NUMPY\x01\0", r"is a NumPy array, .*: save it as an image"),
        (b"PK\x03\x04", "is an archive, .*: unpack it"),
        (b"\0" * 257 + b"ustar\0", "is an archive"),
        (b"\x89HDF\r\n\x1a\n", "is HDF5"),
        (b"something else", "cannot be decoded .it is no image of a known format"),
    ],
)
def test_files_are_called_what_they_are(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(content)
    for read in (read_photo, open_mask):
        with pytest.raises(ItemError, match=rf"a\.png {reason}"):
            read(file)
        with pytest.raises(ItemError, match=rf"^the file {reason}"):
            read(Path("the file"), BytesIO(content))


def test_an_array_and_unknown_bytes() -> None:
    array = BytesIO()
    np.save(array, np.zeros(3))
    kind = kind_of(array.getvalue())
    assert kind and kind.name == "a NumPy array" and kind_of(b"abc") is None
