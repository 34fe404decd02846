"""The scripts of examples/, and the commands of docs/figures.md as they are written there, run on a tiny model."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from PIL import Image

from scgan.cli import main

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))


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


def test_commands_of_the_docs(
    tiny_model: Path, toy_data: Path, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("matplotlib", "av", "dlib"):
        pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    london = shared_data / "london"
    places = {"runs/faces": tiny_model, "runs/fashion": tiny_model, "faces": toy_data, "fashion": toy_data}
    photos = {"me.jpg": london / "neutral" / "100.jpg", "me-smiling.jpg": london / "smiling" / "100.jpg"}
    for name, place in {**places, **photos}.items():
        (tmp_path / name).symlink_to(place)
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "figures.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    commands = [words for line in lines if (words := shlex.split(line, comments=True))]
    assert len(commands) > 10
    for program, command, *arguments in commands:
        if program == "scgan":
            assert main([command, *arguments]) == 0, arguments
            out = Path(arguments[arguments.index("--out") + 1])
        else:
            run(ROOT / command, *arguments)
            out = Path(arguments[1])
        assert out.exists()
