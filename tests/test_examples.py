"""The scripts of examples/ run on a tiny model, as their first lines say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from PIL import Image

SCRIPTS = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


def run(script: Path, *arguments: str) -> None:
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(*arguments)


def test_there_is_one_for_each_figure() -> None:
    assert [script.name for script in SCRIPTS] == [f"figure{number}.py" for number in (4, 5, 6, 7)]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_it_draws_its_figure(script: Path, tiny_model: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "figure.png"
    run(script, str(tiny_model), str(out))
    with Image.open(out) as image:
        assert min(image.size) > 100


def test_end_points_of_a_data_set(tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run(SCRIPTS[2], str(tiny_model), str(tmp_path / "figure.svg"), str(toy_data))
    assert (tmp_path / "figure.svg").stat().st_size > 10_000
