"""The examples of docs/extending.md, applied to a copy of the package and run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from doc_commands import cap, write_capped_settings
from extending_examples import SECTIONS, apply_example, copy_package, file_blocks
from patience import MAX_SECONDS
from quick_graders import cache_quick_graders
from scgan.data.prepared import PreparedDataset

MAX_LINES = 30


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Folder with a copy of the package in ``src/scgan``."""
    copy_package(tmp_path / "copy")
    return tmp_path / "copy"


def run_commands(section: str, package: Path) -> str:
    """Run the commands of a section in the current folder by the copy; returns all output."""
    write_capped_settings()
    environment = {**os.environ, "PYTHONPATH": str(package / "src")}
    output = ""
    for command in "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL)).splitlines():
        words = shlex.split(command)[1:]
        if words[0] == "train":
            words = [*cap(words), "--log.scalars_every", "1"]
        done = subprocess.run(
            [sys.executable, "-m", "scgan", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=MAX_SECONDS,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        output += done.stdout + done.stderr
    return output


def logged_terms(run: str) -> set[str]:
    lines = (Path(run) / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return {name for line in lines for name in json.loads(line)}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, toy_data: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder holds what the commands name: ``toys`` and ``model``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "toys").symlink_to(toy_data)
    (tmp_path / "model").symlink_to(tiny_model)


@pytest.mark.parametrize("title", SECTIONS)
def test_examples_are_small(title: str) -> None:
    """At most 30 lines of code, imports and blank lines included; lines of context do not count."""
    blocks = file_blocks(SECTIONS[title])
    lines = [
        line
        for language, _, content in blocks
        for line in content.splitlines()
        if language != "diff" or line[:1] == "+"
    ]
    assert blocks and len(lines) <= MAX_LINES


def test_a_loss(package: Path) -> None:
    section = SECTIONS["A loss of the generator"]
    apply_example("A loss of the generator", package)
    run_commands(section, package)
    assert "generator/total_variation" in logged_terms("smooth")
    shown = subprocess.run(
        [sys.executable, "-m", "scgan", "train", "--help"],
        env={**os.environ, "PYTHONPATH": str(package / "src")},
        capture_output=True,
        text=True,
    )
    assert "Weight of the total variation loss" in " ".join(shown.stdout.split())


def test_a_method(package: Path, tmp_path: Path) -> None:
    section = SECTIONS["A method"]
    apply_example("A method", package)
    run_commands(section, package)
    assert "generator/l1" in logged_terms("regressed")
    assert len(list((tmp_path / "regressed-images" / "images").glob("*.png"))) > 1


def test_a_data_source(package: Path) -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (20, 64, 64, 3), dtype=np.uint8)
    np.savez("arrays.npz", images=images, masks=np.minimum(images[..., 0] // 100, 2))
    section = SECTIONS["A data source"]
    apply_example("A data source", package)
    run_commands(section, package)
    dataset = PreparedDataset.open("from-npz")
    assert dataset.schema.class_names == ("class 0", "class 1", "class 2")
    np.testing.assert_array_equal(dataset.images, images)


def test_a_metric(package: Path, toy_data: Path) -> None:
    cache_quick_graders(toy_data)
    section = SECTIONS["A metric"]
    apply_example("A metric", package)
    assert "sharpness" in run_commands(section, package)
    score = json.loads(Path("scores.json").read_text(encoding="utf-8"))["realism"]["sharpness"]
    assert 0 < score["model"] < 4 and 0 < score["real"] < 4
