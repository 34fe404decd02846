"""The scripts of examples/, and the commands of docs/figures.md as they are written there, run on a tiny model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from doc_commands import DOCS, ROOT, run_page, run_script
from photo_folder import PhotoFolder
from quick_graders import cache_quick_graders

SCRIPTS = sorted((ROOT / "examples").glob("*.py"))


def test_there_is_one_for_each_figure() -> None:
    assert [script.name for script in SCRIPTS] == [f"figure{number}.py" for number in (4, 5, 6, 7)]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_it_draws_its_figure(script: Path, tiny_model: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "figure.png"
    run_script(script, str(tiny_model), str(out))
    with Image.open(out) as image:
        assert min(image.size) > 100


def test_end_points_of_a_data_set(tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run_script(SCRIPTS[2], str(tiny_model), str(tmp_path / "figure.svg"), str(toy_data))
    assert (tmp_path / "figure.svg").stat().st_size > 10_000


def test_commands_of_the_docs(
    tiny_model: Path, toy_data: Path, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("matplotlib", "av", "onnxruntime"):
        pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    london = shared_data / "london"
    folders = {"runs/faces": tiny_model, "runs/fashion": tiny_model, "faces": toy_data, "fashion": toy_data}
    photos = {"me.jpg": london / "neutral" / "100.jpg", "me-smiling.jpg": london / "smiling" / "100.jpg"}
    for name, target in {**folders, **photos}.items():
        (tmp_path / name).symlink_to(target)
    commands = run_page(DOCS / "figures.md")
    assert len(commands) > 10
    for command in commands:
        arguments = command.split()
        out = arguments[arguments.index("--out") + 1] if "--out" in arguments else arguments[3]
        assert (tmp_path / out).exists(), command


def test_notebook_goes_from_photos_to_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cells run one after the other, with a short training and graders that learned for two steps."""
    cells = json.loads((ROOT / "examples" / "photos_to_model.ipynb").read_text(encoding="utf-8"))["cells"]
    programs = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert len(cells) <= 10 and not any(cell.get("outputs") for cell in cells)
    monkeypatch.chdir(tmp_path)
    PhotoFolder(tmp_path, 24)
    names: dict[str, object] = {}
    exec(programs[0], names)
    names["PHOTOS"] = "images"
    names["SETTINGS"] = {
        "training": {"steps": 2, "batch_size": 4},
        "generator": {"width": 4, "update_every": 1},
        "discriminator": {"width": 4},
        "segmentor": {"width": 4, "pretrain_steps": 1},
    }
    for number, program in enumerate(programs[1:], 1):
        if "scgan.evaluate" in program:
            cache_quick_graders(tmp_path / "mine")
        exec(compile(program, f"cell {number}", "exec"), names)
    assert (tmp_path / "my-model" / "README.md").is_file() and (tmp_path / "scores.json").is_file()
