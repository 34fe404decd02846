"""Tests of `scgan models`: the list of shipped models, and the card of one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from patience import MAX_SECONDS
from scgan.cli import main
from scgan.models import find as models
from scgan.models.description import About
from scgan.models.folder import load_model, save_model

SCORES = {"spatial": {"pixel_accuracy": {"normalised": 0.91234}}, "diversity": {"latent_background": None}}


@pytest.fixture
def shipped(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    model = load_model(tiny_model)
    save_model(tmp_path / "toys", model._replace(about=About(title="Toy faces"), scores=SCORES))
    (tmp_path / "toys" / "README.md").write_text("# Toy faces\n")
    save_model(tmp_path / "bare", model)
    monkeypatch.setattr(models, "FOLDER", tmp_path)
    monkeypatch.chdir(tmp_path.parent)
    return tmp_path


def test_the_list(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    bare, toys = capsys.readouterr().out.rstrip("\n").split("\n\n")
    size = sum(file.stat().st_size for file in (shipped / "toys").iterdir())
    assert toys.splitlines() == [
        "toys: Toy faces",
        f"  size        32×32 pixels; {size / 1e6:.1f} MB in all",
        "  classes     background, skin, eyebrows, eyes, nose, lips, mouth",
        "  attributes  Black_Hair, Blond_Hair, Brown_Hair, Male, Young",
        "  scores      mask accuracy (normalised) 0.912",
    ]
    assert bare.splitlines()[0] == "bare: no title" and bare.splitlines()[-1] == "  scores      none"


def test_an_empty_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(models, "FOLDER", tmp_path)
    assert main(["models"]) == 0
    assert capsys.readouterr().out.startswith("No model comes with this version of scgan. Train one")


def test_a_card(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("toys", str(shipped / "toys")):
        assert main(["models", name]) == 0
        assert capsys.readouterr().out == "# Toy faces\n"
    assert main(["models", "bare"]) == 2
    assert "bare has no model card (README.md): `scgan export` writes a folder with one." in capsys.readouterr().err
    assert main(["models", "nobody"]) == 2
    assert "nobody does not exist" in capsys.readouterr().err


def test_a_damaged_one_is_named(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shipped / "bare" / "model.json").write_text("{")
    assert main(["models"]) == 2
    assert f"{shipped / 'bare' / 'model.json'} is damaged" in capsys.readouterr().err


def test_it_needs_no_torch(shipped: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from scgan.models import find as models
from scgan.cli import main
models.FOLDER = Path({str(shipped)!r})
assert main(["models"]) == 0 and main(["models", "toys"]) == 0
print([name for name in ("torch", "scipy", "huggingface_hub") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=MAX_SECONDS, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
