"""Figures: names are drawn, images stay sharp, and the same table gives the same bytes."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.utils.errors import UserError
from scgan.utils.figures import ImageTable, save_table

pytest.importorskip("matplotlib")


def table() -> ImageTable:
    images = np.zeros((2, 3, 40, 40, 3), np.uint8)
    images[0, 0], images[0, 1], images[1, 2] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    names = ["mask", "Blond_Hair", "colour of the upper clothes"]
    return ImageTable("A title", images, ["one", "two"], names, "what goes down", "what goes across", 1, {(1, 1): "hi"})


def test_svg_has_every_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    monkeypatch.setitem(matplotlib.rcParams, "svg.fonttype", "none")  # text as text, to read it back
    save_table(tmp_path / "x.svg", table())
    content = (tmp_path / "x.svg").read_text()
    for text in ("A title", "one", "two", "mask", "Blond_Hair", "colour of", "clothes", "what goes down", "hi"):
        assert text in content
    assert "dc:date" not in content


def test_png_has_the_pictures_pixel_by_pixel(tmp_path: Path) -> None:
    save_table(tmp_path / "x.png", table())
    with Image.open(tmp_path / "x.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    for color in ((255, 0, 0), (0, 255, 0), (0, 0, 255)):
        rows, columns = np.nonzero((pixels == color).all(axis=-1))
        assert np.ptp(rows) + 1 == pytest.approx(40, abs=1)
        assert np.ptp(columns) + 1 == pytest.approx(40, abs=1)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in "ab":
        save_table(tmp_path / f"{name}.{suffix}", table())
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"ends in \.jpg: figures are \.png, \.svg or \.pdf"):
        save_table(tmp_path / "x.jpg", table())
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UserError, match=r"needs matplotlib: pip install 'scgan\[plots\]'"):
        save_table(tmp_path / "x.png", table())
    assert not list(tmp_path.iterdir())
