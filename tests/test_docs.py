"""What the documentation says: its commands and Python run, the messages that it explains exist, the site is built."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from doc_commands import DOCS, ROOT, few_of_folder, few_photos, run_page, run_python
from scgan.cli import main
from scgan.comparison import compare as comparison_run
from scgan.comparison import runs as compare
from scgan.config import Config, recipe, with_settings
from scgan.data.sources.toyfaces import ToyFaces
from scgan.evaluation import features
from scgan.models import find as models
from scgan.models import hub
from scgan.runs.train import train

TINY = {
    "generator.width": 4,
    "discriminator.width": 4,
    "segmentor.width": 4,
    "segmentor.pretrain_steps": 1,
    "training.steps": 1,
    "training.accelerator": "cpu",
}
OPTIONAL = ("dlib", "av", "matplotlib", "fastapi")


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graders that learn for two steps, features that are pixels, comparisons without processes of their own."""
    for package in OPTIONAL:
        pytest.importorskip(package)

    def here(run: Path, config: Config, data: Path) -> None:
        train(data, run, config, resume=(run / "config.yaml").is_file())
        (run / "memory.json").write_text("123")

    def extract(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return images[:, ::16, ::16].reshape(len(images), -1).astype(np.float32) / 255

    def pixels(name: str, device: str) -> features.Features:
        return features.Features(name, "FD", "KD", extract)

    monkeypatch.setattr(features, "FEATURES", {name: partial(pixels, name) for name in features.FEATURES})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(compare, "_train", here)


@pytest.fixture
def own_folder(tmp_path: Path) -> None:
    """Photos with colour masks, classes and labels; the same masks as indices, with 255 for what is to be ignored."""
    toys = ToyFaces(60, 32)
    for folder in ("photos", "masks", "grey-masks"):
        (tmp_path / folder).mkdir()
    colors = {"background": [0, 0, 0], "leaf": [60, 160, 60], "stem": [120, 80, 40]}
    rows = ["file,colour,fresh"]
    for number in range(60):
        item = toys.read(number)
        name, mask = f"{number:04}", np.minimum(item.segmentation, 2)
        Image.fromarray(item.image).save(tmp_path / "photos" / f"{name}.jpg")
        Image.fromarray(np.array(list(colors.values()), np.uint8)[mask]).save(tmp_path / "masks" / f"{name}.png")
        mask[:2] = 255
        Image.fromarray(mask).save(tmp_path / "grey-masks" / f"{name}.png")
        rows.append(f"{name}.jpg,{('green', 'brown')[number % 2]},{('yes', 'no', 'no')[number % 3]}")
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "classes.json").write_text(json.dumps(colors), encoding="utf-8")
    (tmp_path / "ignore.json").write_text('{"background": 0, "leaf": 1, "stem": 2, "ignore": 255}', encoding="utf-8")
    (tmp_path / "merge.yaml").write_text("classes: {leaf: [leaf], stem: [stem]}", encoding="utf-8")


def test_start(tmp_path: Path) -> None:
    run_page(DOCS / "index.md")
    (names,) = run_python(DOCS / "index.md")
    assert names["way"].shape == (8, 32, 32, 3)  # type: ignore[attr-defined]
    assert (tmp_path / "way.png").is_file()


def test_own_data_and_questions(own_folder: None, capfd: pytest.CaptureFixture[str]) -> None:
    found = run_page(DOCS / "own-data.md")
    assert {words.split()[1] for words in found} >= {"prepare", "inspect", "train", "report", "evaluate", "generate"}
    run_page(DOCS / "faq.md")
    assert "classes that merge.yaml does not name joined the background: ignore" in capfd.readouterr().err


def test_preparing(own_folder: None, shared_data: Path, tmp_path: Path) -> None:
    few_photos(shared_data / "celeba-lfw", tmp_path / "celeba", 20)
    (tmp_path / "deepfashion").symlink_to(shared_data / "deepfashion-ccp")
    assert len(run_page(DOCS / "prepare.md")) == 4


def test_training(shared_data: Path, tmp_path: Path) -> None:
    few_photos(shared_data / "celeba-lfw", tmp_path / "path" / "to" / "CelebA", 30)
    run_page(DOCS / "training.md")


def test_comparing(
    toy_data: Path, tiny_model: Path, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_photos(shared_data / "celeba-lfw", tmp_path / "CELEBA")
    monkeypatch.setattr(comparison_run, "write_figures", lambda *_: {})  # they take most of the time
    (tmp_path / "CCP").mkdir()
    few_of_folder(shared_data / "ccp", tmp_path / "CCP", 60)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ccp-merge.yaml").symlink_to(DOCS / "ccp-merge.yaml")
    for name, place in {
        "celeba128": toy_data,
        "deepfashion128": toy_data,
        "DATA": toy_data,
        "MODEL": tiny_model,
    }.items():
        (tmp_path / name).symlink_to(place)
    run_page(DOCS / "comparison.md")
    assert (tmp_path / "celeba" / "table.md").is_file()


def test_models(toy_data: Path, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_photos(shared_data / "celeba-lfw", tmp_path / "path" / "to" / "CelebA")
    for folder in ("ccp", "docs"):
        (tmp_path / folder).mkdir()
    few_of_folder(shared_data / "ccp", tmp_path / "ccp", 60)
    (tmp_path / "docs" / "ccp-merge.yaml").symlink_to(DOCS / "ccp-merge.yaml")
    shutil.copytree(toy_data, "data")
    assert train(Path("data"), Path("run"), with_settings(recipe("cpu"), TINY), resume=False)
    assert main(["export", "run", "--out", "shipped/faces"]) == 0
    monkeypatch.setattr(models, "FOLDER", tmp_path / "shipped")
    monkeypatch.setattr(hub, "download", lambda name: tmp_path / "shipped" / "faces")
    found = run_page(DOCS / "models.md")
    assert {words.split()[1] for words in found} >= {"models", "show", "evaluate", "generate", "train", "export"}
    assert Path("my-faces/README.md").is_file() and Path("longer/model").is_dir()
    (names,) = run_python(DOCS / "models.md")
    assert names["image"].shape == (32, 32, 3)  # type: ignore[attr-defined]


def test_studio(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commands, requests and Python reach a studio that runs here."""
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "studio"))
    from running_studio import Studio

    for name in ("faces", "fashion"):
        shutil.copytree(tiny_model, tmp_path / "runs" / name)
    studio = Studio([tmp_path / "runs" / "faces"])
    page = tmp_path / "studio.md"
    text = (DOCS / "studio.md").read_text(encoding="utf-8")
    page.write_text(text.replace("http://127.0.0.1:8765/", studio.url), encoding="utf-8")
    studio.start()
    try:
        condition = json.load(urlopen(f"{studio.url}api/models/faces/examples"))[0]
        asked = Request(
            f"{studio.url}api/models/faces/manifest",
            json.dumps(condition).encode(),
            {"Content-Type": "application/json"},
        )
        (tmp_path / "faces-seed-7.json").write_bytes(urlopen(asked).read())
        run_page(page)
        run_python(page)
    finally:
        studio.stop()
    for name in ("image.png", "young.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.size == (32, 32)


def test_messages_that_are_explained_exist() -> None:
    """Each part of a quoted message, between two …, is somewhere in the source."""
    texts = [
        node.value
        for file in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    doctor = re.findall(r"^\| `([^`]+)` \|", (DOCS / "own-data.md").read_text(encoding="utf-8"), re.MULTILINE)
    quoted = re.findall(r"```text\n(.*?)\n```", (DOCS / "faq.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(doctor) > 12 and len(quoted) > 12
    for message in [*doctor, *quoted]:
        for part in re.split(r"[…\n]", message):
            assert any(part.strip() in text for text in texts), (part, message)


def test_the_site_is_built_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    site = tmp_path / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(ROOT / "mkdocs.yml")]
    done = subprocess.run([*command, "-d", str(site)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = list(site.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        assert not re.search(r'<(?!a\b)[^>]+(?:src|href)="(?:https?:)?//', page.read_text(encoding="utf-8")), page
