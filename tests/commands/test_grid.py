"""``scgan grid``: files, content of the figures, no photos on demand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.cli import main
from scgan.inference.synthesizer import Synthesizer, load
from scgan.interpolation import figure_tables

pytest.importorskip("matplotlib")

FIGURES = ("masks-by-attributes", "attributes-by-latents", "one-at-a-time", "nosmile2smile", "left2right")


@pytest.fixture(scope="module")
def synthesizer(tiny_model: Path) -> Synthesizer:
    return load(tiny_model)


def grid(model: Path, out: Path, *options: object) -> int:
    return main(["grid", str(model), "--out", str(out), "--count", "3", "--latents", "3", *map(str, options)])


def test_figures_and_page(tiny_model: Path, toy_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures"
    assert grid(tiny_model, out, "--data", toy_data, "--formats", "svg", "png") == 0
    assert capfd.readouterr().out.splitlines()[-1] == str(out / "index.html")
    names = {f"{name}.{suffix}" for name in FIGURES for suffix in ("svg", "png")}
    assert {file.name for file in out.iterdir()} == {*names, "index.html"}
    page = (out / "index.html").read_text()
    assert ">photo<" in page
    assert "Black_Hair" in page
    assert "latent varies, 2: seed 1" in page
    assert "http" not in page.replace("http://www.w3.org", "")  # it needs nothing else
    with Image.open(out / "masks-by-attributes.png") as image:
        assert image.width > 128 * 5


def test_given_attributes_and_no_photos(tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    options = ("--attribute-sets", "", "Male,Young=0.5", "--data", toy_data, "--items", "1,4", "--no-photos")
    assert grid(tiny_model, tmp_path / "x", *options, "--formats", "png") == 0
    page = (tmp_path / "x" / "index.html").read_text()
    assert ">no attribute<" in page
    assert ">Male,Young=0.5<" in page
    assert ">photo<" not in page


def assert_same_enlarged(actual: np.ndarray, expected: np.ndarray) -> None:
    """Compare enlarged images: bicubic interpolation and its rounding turn a difference of 1 into at most 3."""
    assert np.abs(actual.astype(int) - expected).max() <= 3


def test_cells_are_images_of_the_model(synthesizer: Synthesizer) -> None:
    masks = synthesizer.examples.segmentations[:3]
    attributes = [(name, synthesizer.schema.parse_attributes(name)) for name in ("Male", "Young", "")]
    table = figure_tables.one_at_a_time(synthesizer, masks, attributes, [5, 6, 7])
    assert table.images.shape == (4, 3, 128, 128, 3)
    for row, column, mask, name, seed in ((1, 2, 2, "Male", 5), (2, 1, 0, "Young", 5), (3, 2, 0, "Male", 7)):
        image = Image.fromarray(synthesizer.generate(masks[mask], name, seed=seed))
        assert_same_enlarged(table.images[row, column], np.asarray(image.resize((128, 128), Image.Resampling.BICUBIC)))
    assert_same_enlarged(table.images[1:, 0], np.broadcast_to(table.images[1, 0], (3, 128, 128, 3)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--count", "1"), "--count 1: at least 2 are needed to compare"),
        (("--latents", "0"), "--latents 0: at least 2"),
        (("--attribute-sets", "Blue"), "unknown attribute 'Blue'"),
        (("--masks", "nowhere.png"), "nowhere.png does not exist"),
        (("--items", "3"), "--items needs --data"),
    ],
)
def test_refused(
    tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], options: tuple[str, ...], message: str
) -> None:
    assert grid(tiny_model, tmp_path / "x", *options) == 2
    assert message in capfd.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_exists_is_kept(tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert grid(tiny_model, tmp_path) == 2
    assert "exists already" in capfd.readouterr().err
