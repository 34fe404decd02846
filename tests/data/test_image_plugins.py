"""Photos of formats that Pillow reads in some builds, or with a package beside it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from photo_folder import MASK, PhotoFolder
from scgan.data.image_plugins import register
from scgan.data.images import read_photo
from scgan.utils.errors import ItemError, UserError


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow does not read AVIF")
def test_avif_photos_are_read_and_avif_masks_refused(data: PhotoFolder) -> None:
    pixels = np.zeros((40, 20, 3), np.uint8)
    pixels[:20] = 200
    (data.folder / "images" / "p0.jpg").unlink()
    data.photo("p0", pixels, "avif", quality=95)
    image = data.open().read(0).image
    assert image[:10].mean() > 190 and image[-10:].mean() < 10
    for index in range(4):
        (data.folder / "masks" / f"p{index}.png").unlink()
        data.mask(f"p{index}", MASK, "avif")
    with pytest.raises(UserError, match="is saved as AVIF, which changes the values"):
        data.open()


@pytest.mark.skipif(find_spec("pillow_heif") is not None, reason="HEIC is read here")
def test_heic_photos_are_skipped_by_the_true_reason(data: PhotoFolder) -> None:
    (data.folder / "images" / "p0.jpg").rename(data.folder / "images" / "p0.heic")
    (data.folder / "images" / "p0.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    with pytest.raises(ItemError, match=r"p0\.heic is a HEIC photo, .*: install pillow-heif, or convert it to JPEG"):
        data.open().read(0)


def test_heic_photos_are_read_where_the_package_is_installed(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), (200, 20, 20))).save(tmp_path / "a.heic")
    pixels = read_photo(tmp_path / "a.heic")
    assert pixels.shape == (48, 64, 3) and abs(int(pixels[..., 0].mean()) - 200) < 8


def test_other_kinds_have_no_package() -> None:
    assert not register("a web page")
