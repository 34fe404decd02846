"""The report: one sound HTML file that needs nothing else, from whatever a run folder holds."""

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
from scgan.reports.page import code, curve, table
from scgan.reports.pieces import attribute_variations
from scgan.reports.report import write_report
from scgan.runs.folder import read_log
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError

VOID = {"meta", "img", "path", "polyline"}


class Model:
    """Paints every class in one grey."""

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
    """Checks as it reads that tags are closed, and collects what matters."""

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
        "Masks and labels",
        "Latents",
        "Scores",
        "Data",
        "At growing steps",
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
    assert "92.3%" in page.text and "0.9412 [0.930, 0.950]" in page.text


def test_the_page_without_real_pictures_and_without_files(data: PreparedDataset, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    write_report(file, tmp_path, Model(data.schema), data, real=False)
    page = Page(file)
    assert page.headings == ["At a glance", "Masks and labels", "Latents"]
    assert not any("real" in (image["alt"] or "") or "training" in (image["alt"] or "") for image in page.images)


def test_other_classes_are_refused(run: Path, data: PreparedDataset, tmp_path: Path) -> None:
    other = Schema(32, ("background", "hat"), distinct_colors(2))
    with pytest.raises(UserError, match=r"only .* has hat"):
        write_report(tmp_path / "page.html", run, Model(other), data)
    assert not (tmp_path / "page.html").exists()


def test_a_damaged_log_names_its_line_but_a_cut_off_end_is_forgiven(run: Path) -> None:
    file = run / "log.jsonl"
    file.write_text('{"step": 1}\n{"step": 2}\n{"ste')
    assert read_log(file) == [{"step": 1}, {"step": 2}]
    file.write_text('{"step": 1}\nhello\n{"step": 3}\n')
    with pytest.raises(UserError, match=r"log.jsonl, line 2, is not a line of a log"):
        read_log(file)


@pytest.mark.parametrize("content", ["{", "[]", '{"spatial": {}}', "3"])
def test_damaged_scores(run: Path, data: PreparedDataset, tmp_path: Path, content: str) -> None:
    (run / "scores.json").write_text(content)
    with pytest.raises(UserError, match=r"scores.json does not hold scores"):
        write_report(tmp_path / "page.html", run, Model(data.schema), data)


def test_damaged_samples(run: Path, data: PreparedDataset, tmp_path: Path) -> None:
    (run / "samples" / "00000030.png").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"00000030.png cannot be read"):
        write_report(tmp_path / "page.html", run, Model(data.schema), data)


def test_label_variations_change_one_thing_each() -> None:
    names = ("red", "blue", "old")
    schema = Schema(32, ("a", "b"), distinct_colors(2), names, attribute_groups=(("red", "blue"),))
    attributes = np.array([[1, 0, 1], [1, 0, 1], [0, 1, 1], [0, 0, 0]], np.float32)
    variations = attribute_variations(attributes, schema)
    assert [(name, label.tolist()) for name, label in variations] == [
        ("red, old", [1, 0, 1]),
        ("without old", [1, 0, 0]),
        ("with blue", [0, 1, 1]),
    ]
    assert len(attribute_variations(attributes, schema, most=1)) == 2


def test_label_variations_without_attributes() -> None:
    schema = Schema(32, ("a", "b"), distinct_colors(2))
    ((name, label),) = attribute_variations(np.zeros((5, 0), np.float32), schema)
    assert name == "no attribute" and label.shape == (0,)


def test_text_is_escaped() -> None:
    assert "<b>" not in table(["<b>"], [["<b>", "<b>"]]) + code("<b>", "<b>")


def test_curve_spans_its_box_and_survives_one_point() -> None:
    x = np.arange(1.0, 1001)
    drawn = curve(x, 1 / x, "loss")
    assert "from" in drawn and "step 1000" in drawn
    points = drawn.split('points="')[1].split('"')[0].split()
    assert len(points) <= 400
    assert points[0].startswith("40.0,")
    assert "nan" not in curve(np.array([5.0]), np.array([2.0]), "loss")


def test_command_prints_the_path_alone(
    run: Path, data: PreparedDataset, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import scgan.inference.synthesizer

    monkeypatch.setattr(scgan.inference.synthesizer, "load", lambda path: Model(data.schema))
    page = run / "page.html"
    assert main(["report", str(run), "--data", str(data.path), "--out", str(page)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(page.resolve())
    assert main(["report", str(run), "--data", str(data.path), "--out", str(page)]) == 2
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
