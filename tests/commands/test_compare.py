"""Tests of `scgan compare` and `scgan reproduce`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from damage import copy_as_one_split
from quick_graders import cache_quick_graders
from scgan.cli import main

TINY = ["generator.width=4", "generator.latent_size=4", "discriminator.width=2", "training.batch_size=4"]


@pytest.fixture(autouse=True)
def cached_graders(toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache_quick_graders(toy_data)


def test_reproduce_trains_with_the_papers_recipe(toy_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["reproduce", "celeba", "--data", str(toy_data), "--out", str(out), "--budget", "8images", "--no-photos"]
    assert main([*command, "--methods", "wgan-gp", "--features", "--set", *TINY]) == 0
    (file,) = (out / "finished").glob("*/result.json")
    result = json.loads(file.read_text())
    assert result["config"]["recipe"] == "paper" and result["images_seen"] == 8 and result["megabytes"] > 50
    assert "paper: mask accuracy" in (out / "table.md").read_text() and (out / "page.html").is_file()


def test_bad_input_is_refused_before_anything_is_trained(
    toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compare", "--data", str(toy_data), "--out", str(tmp_path / "out")]
    for more, sentence in (
        (["--budget", "soon"], "neither like 64000images"),
        (["--budget", "8images", "--methods", "gan"], "unknown method 'gan'"),
        (["--budget", "8images", "--set", "generator.width"], "write NAME=VALUE"),
        (["--budget", "8images", "--set", "generator.width=0"], "generator.width"),
    ):
        assert main([*command, *more]) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("split", "options", "sentence"),
    [
        ("train", [], "has no items in its test split"),
        ("test", ["--features"], "has 0 training items, but a grader needs at least 16"),
        ("test", ["--features", "efficientnet-lite0"], "compares with at least 2 training images"),
    ],
)
@pytest.mark.parametrize("command", [["compare", "--budget=8images"], ["reproduce", "celeba", "--budget=8images"]])
def test_missing_splits_are_said_before_anything_is_trained(
    command: list[str],
    split: str,
    options: list[str],
    sentence: str,
    toy_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    copy_as_one_split(toy_data, data, split)
    assert main([*command, "--data", str(data), "--out", str(out), *options]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert sentence in error and "training a grader" not in error
    assert not out.exists()
