"""Values of masks that are not classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from photo_folder import MASK, PhotoFolder
from scgan.data.mask_values import NAN, describe_value, parse_value
from scgan.schema import IGNORED
from scgan.utils.errors import UserError


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("255", 255, "255"),
        ("-1", -1, "-1"),
        ("-9999.0", -9999, "-9999"),
        ("nan", NAN, "nan"),
        ("-3.4028235e+38", -(2**62), "beyond -4.6e+18"),
        ("1e30", 2**62, "beyond 4.6e+18"),
    ],
)
def test_values_in_words(text: str, value: int, words: str) -> None:
    assert parse_value(text) == value and describe_value(value) == words


@pytest.mark.parametrize("text", ["beard", "", "0.5", "1_0", "#ff0000"])
def test_texts_that_are_no_value(text: str) -> None:
    assert parse_value(text) is None


@pytest.mark.parametrize(
    ("kind", "mark", "option"),
    [
        (np.int32, -1, "-1"),
        (np.int32, 2**31 - 1, "2147483647"),
        (np.float32, np.nan, "nan"),
        (np.float32, -3.4028235e38, "-3.4e38"),
        (np.float32, -9999, "-9999"),
    ],
)
@pytest.mark.parametrize("listed", [True, False])
def test_marks_of_rasters_without_data(data: PhotoFolder, kind: Any, mark: float, option: str, listed: bool) -> None:
    mask = MASK.astype(kind)
    mask[:2] = mark
    for file in sorted((data.folder / "masks").iterdir()):
        file.unlink()
        Image.fromarray(mask).save(file.with_suffix(".tif"))
    if not listed:
        (data.folder / "classes.json").unlink()
    segmentation = data.open(ignore=(option,), crop="pad", size=64).read(0).segmentation
    assert (segmentation == IGNORED).any()
    with pytest.raises(UserError, match=r"has the value .*`scgan prepare folder --ignore=.*` leaves them out"):
        data.open()


@pytest.mark.parametrize("value", ["-1", "nan", "65535"])
def test_values_that_eight_bits_cannot_have(data: PhotoFolder, value: str) -> None:
    with pytest.raises(UserError, match=rf"--ignore {value}: the masks have 8 bits, .* write -1 as 255 there"):
        data.open(ignore=(value,))
