"""docs/models.md: its commands and its Python, run as they are written, on a tiny model and tiny data."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from scgan import models
from scgan.cli import main
from scgan.config import recipe, with_settings
from scgan.methods import grader_training
from scgan.models import hub
from scgan.run import train

PAGE = (Path(__file__).parents[1] / "docs" / "models.md").read_text(encoding="utf-8")
TINY = {
    "generator.width": 4,
    "discriminator.width": 4,
    "segmentor.width": 4,
    "segmentor.steps_before": 1,
    "training.steps": 1,
    "training.accelerator": "cpu",
}


def test_commands_and_python(toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(grader_training, "STEPS", 2)
    shutil.copytree(toy_data, "data")
    assert train(Path("data"), Path("run"), with_settings(recipe("cpu"), TINY), resume=False)
    assert main(["push", "run", "--out", "shipped/faces"]) == 0
    monkeypatch.setattr(models, "FOLDER", tmp_path / "shipped")
    monkeypatch.setattr(hub, "download", lambda name: tmp_path / "shipped" / "faces")
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    ran = []
    for line in lines:
        program, command, *arguments = shlex.split(line, comments=True)
        if program == "scgan" and command != "studio":  # which would not come back
            small = [f"--{name}={value}" for name, value in TINY.items() if name not in line]
            assert main([command, *arguments, *(small if command == "train" else [])]) == 0, line
            ran.append(command)
    assert ran == ["models", "models", "generate", "evaluate", "generate", "push", "train"]
    assert Path("my-faces/README.md").is_file() and Path("longer/model").is_dir()
    names: dict[str, object] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], names)
    assert names["image"].shape == (32, 32, 3)  # type: ignore[attr-defined]
