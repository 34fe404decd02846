"""Names and arguments of ``import scgan``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import scgan
from scgan.data.sources.toyfaces import ToyFaces


def test_every_name_is_listed_and_exists() -> None:
    names = {"Edit", "PreparedDataset", "Synthesizer", "UserError"}
    names |= {"load", "open_project", "prepare", "recipe", "train", "with_settings"}
    assert set(scgan.__all__) == names <= set(dir(scgan))
    assert all(callable(getattr(scgan, name)) for name in names)
    with pytest.raises(AttributeError, match="has no attribute 'tarin'"):
        _ = scgan.tarin


def test_listing_names_loads_no_torch() -> None:
    code = "import sys, scgan; dir(scgan); scgan.recipe; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_paths_may_be_text(toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert len(scgan.prepare(ToyFaces(6, 32), "~/few", processes=1)) == 6
    assert scgan.PreparedDataset.open("~/few").path == tmp_path / "few"
    tiny = {f"{network}.width": 4 for network in ("generator", "discriminator", "segmentor")}
    config = scgan.with_settings(scgan.recipe("paper"), {**tiny, "training.steps": 1, "generator.update_every": 1})
    assert scgan.train(str(toy_data), "~/run", config)
    assert scgan.load("~/run").step == scgan.load(tmp_path / "run").step == 1
    with pytest.raises(scgan.UserError, match="run exists already"):
        scgan.train(str(toy_data), "run", "cpu")


def test_wrong_arguments_are_named(toy_data: Path) -> None:
    with pytest.raises(TypeError, match=r"config is 3: give a Config, or the name of a recipe \(paper or cpu\)"):
        scgan.train(toy_data, "run", 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="PathLike"):
        scgan.train(None, "run", "cpu")  # type: ignore[arg-type]
    with pytest.raises(scgan.UserError, match=r"unknown recipe 'CPU2': did you mean cpu\?"):
        scgan.train(toy_data, "run", "CPU2")
    with pytest.raises(scgan.UserError, match="the path is empty"):
        scgan.load("")
