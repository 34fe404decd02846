"""Tests of the report: one well-formed HTML file that needs nothing else, for any content of a run folder."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scgan.cli import main
from scgan.data.prepare.prepare import prepare
from scgan.data.prepared import PreparedDataset
from scgan.data.sources.toyfaces import ToyFaces
from scgan.reports.report import write_report
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError

VOID = {"meta", "img", "path", "polyline"}


class Model:
    """Model that paints every class in one grey."""

    latent_size = 2
    scores = None

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def sample_latent(self, count: int, seed: int) -> NDArray[np.float32]:
        return np.zeros((count, 2), np.float32)

    def generate(
        self, segmentation: NDArray[np.uint8], attributes: NDArray[np.float32], latent: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        assert segmentation.ndim == 3 and len(segmentation) == len(attributes) == len(latent)
        return (segmentation[..., None] * 30).repeat(3, -1)


class Page(HTMLParser):
    """Parser that checks that tags are closed, and collects images, headings and text."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.headings: list[str] = []
        self.text = ""
        self.feed(file.read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.images.append(dict(attrs))
        for name, value in attrs:
            assert name not in ("src", "href") or (value or "").startswith(("data:image/png;base64,", "#"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    return prepare(ToyFaces(40, 32), tmp_path_factory.mktemp("report") / "toy", processes=1)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "my <run>"
    (folder / "samples").mkdir(parents=True)
    for step in (10, 20, 30):
        Image.new("RGB", (64, 64), (step, 0, 0)).save(folder / "samples" / f"{step:08}.png")
    entries = [{"step": 10, "stage": "pretraining", "images_seen": 0, "seconds": 3.0, "segmentor/segmentation": 1.5}]
    entries += [
        {"step": step, "stage": "adversarial", "images_seen": step, "seconds": step, "generator/adversarial": 1 / step}
        for step in (20, 30)
    ]
    (folder / "log.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    (folder / "config.yaml").write_text("recipe: cpu\nnote: <b>&\n")
    return folder


def test_the_page_holds_everything(run: Path, data: PreparedDataset, tmp_path: Path) -> None:
    (run / "scores.json").write_text(json.dumps(scores()))
    file = tmp_path / "page.html"
    write_report(file, run, Model(data.schema), data)
    page = Page(file)
    assert page.headings == [
        "At a glance",
        "Masks and attributes",
        "Latents",
        "Scores",
        "Data",
        "Samples during training",
        "Losses",
        "Settings",
    ]
    assert all(image["alt"] for image in page.images)
    alts = [image["alt"] for image in page.images]
    assert sum("latent" in (alt or "") for alt in alts) == 4 * 8  # the test split has 4 items
    assert sum("real image" in (alt or "") for alt in alts) == 4
    assert [alt for alt in alts if "same inputs" in (alt or "")] == [
        f"the same inputs after {n} steps" for n in (20, 30)
    ]
    assert "SCGAN: my <run>" in page.text and "note: <b>&" in page.text
    assert "0.923" in page.text and "0.9412 [0.930, 0.950]" in page.text
    assert "Floor: " in page.text and "Ceiling: " in page.text


def test_the_page_without_real_images_and_without_files(data: PreparedDataset, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    write_report(file, tmp_path, Model(data.schema), data, photos=False)
    page = Page(file)
    assert page.headings == ["At a glance", "Masks and attributes", "Latents"]
    assert not any("real" in (image["alt"] or "") or "training" in (image["alt"] or "") for image in page.images)


def test_other_classes_are_refused(run: Path, data: PreparedDataset, tmp_path: Path) -> None:
    other = Schema(32, ("background", "hat"), distinct_colors(2))
    with pytest.raises(UserError, match=r"only .* has hat"):
        write_report(tmp_path / "page.html", run, Model(other), data)
    assert not (tmp_path / "page.html").exists()


def test_damaged_samples(run: Path, data: PreparedDataset, tmp_path: Path) -> None:
    (run / "samples" / "00000030.png").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"00000030.png cannot be read"):
        write_report(tmp_path / "page.html", run, Model(data.schema), data)


def test_command_prints_the_path_alone(
    tiny_model: Path, toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    command = ["report", str(tiny_model), "--data", str(toy_data), "--out", str(page)]
    assert main([*command, "--no-photos"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(page.resolve())
    assert Page(page).headings == ["At a glance", "Masks and attributes", "Latents"]
    assert main(command) == 2
    assert "exists already" in capsys.readouterr().err


def scores() -> dict[str, object]:
    values = {"floor": 0.85, "model": 0.9412, "ceiling": 0.95, "normalised": 0.923}
    interval = {"floor": [0.84, 0.86], "model": [0.93, 0.95], "ceiling": [0.94, 0.96], "normalised": [0.9, 0.94]}
    row = {**values, "interval": interval}
    about = {"images": 4, "seed": 0, "split": "test", "data": "0"}
    return {
        "spatial": {"pixel_accuracy": row, "mean_iou": row, "per_class_iou": {"skin": row}, "grader": "g", **about},
        "diversity": {"latent_background": 0.1, "interval": {"latent_background": [0.09, 0.11]}, **about},
    }
