"""Tests of the showcase of models."""

import re
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.cli import main
from scgan.inference.synthesizer import Synthesizer, load
from scgan.models.folder import Conditions
from scgan.reports.showcase import write_showcase


def titles(page: str) -> list[str]:
    return re.findall("<h2>(.*?)</h2>", page)


def images(page: str, alt: str) -> list[Image.Image]:
    matches = re.findall(rf'<img src="data:image/(?:png|gif);base64,([^"]*)" alt="{alt}"', page)
    return [Image.open(BytesIO(b64decode(each))) for each in matches]


def test_a_page_of_two_models(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, other = tmp_path / "page.html", tmp_path / "other"
    other.symlink_to(tiny_model)
    assert main(["show", str(tiny_model), str(other), "--out", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(file.resolve())
    page = file.read_text(encoding="utf-8")
    parts = ("", ": masks and attributes", ": latents", ": interpolation")
    assert titles(page) == [f"{name}{part}" for name in (tiny_model, other) for part in parts]
    assert f"scgan studio {tiny_model}" in page
    assert "http" not in page  # it needs nothing else
    assert len(images(page, "strip: A face smiles")) == 2
    animations = images(page, "A face turns, animated")
    assert [(image.format, getattr(image, "n_frames", 1)) for image in animations] == [("GIF", 2 * 24 - 2)] * 2


def test_masks_are_interpolated_where_there_are_no_landmarks(tiny_model: Path, tmp_path: Path) -> None:
    model = load(tiny_model).model
    few = Conditions(model.examples.segmentations[:2], model.examples.attributes[:2], None)
    synthesizer = Synthesizer(model._replace(examples=few))
    write_showcase(tmp_path / "page.html", {"mine": synthesizer})
    (strip,) = images((tmp_path / "page.html").read_text(encoding="utf-8"), "strip: From one mask to another")
    first, last = (np.asarray(strip.convert("RGB"))[:96][:, side] for side in (slice(0, 96), slice(-96, None)))
    assert (first != last).any()  # the masks of the strip, in its first row


def test_an_existing_file_is_kept(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.html").write_text("mine")
    assert main(["show", str(tiny_model), "--out", str(tmp_path / "page.html")]) == 2
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "page.html").read_text() == "mine"
