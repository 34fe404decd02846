"""Choice of an engine, and its messages."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import scgan
from scgan.cli import main
from scgan.engines import choose
from scgan.engines.names import FILE_ENGINES

FIRST = next((name for name in FILE_ENGINES if find_spec(name)), "torch")


@pytest.fixture(autouse=True)
def first_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Begin with an empty cache; the chosen engine was not reported before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    choose._report.cache_clear()


def hide(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)


def test_auto_takes_the_fastest_and_says_so_once(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scgan.load(tiny_model).engine.name == FIRST
    assert scgan.load(tiny_model).engine.name == FIRST
    assert capsys.readouterr().err.count(f"engine: {FIRST}") == 1


def test_auto_without_engines(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hide(monkeypatch, *FILE_ENGINES)
    assert scgan.load(tiny_model).engine.name == "torch"
    assert capsys.readouterr().err == "engine: torch\n"


def test_auto_falls_back_with_a_sentence(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    hide(monkeypatch, "openvino", "onnx")
    assert scgan.load(tiny_model).engine.name == "torch"
    error = capsys.readouterr().err
    assert "engine onnxruntime is left out: writing ONNX files needs onnx: pip install 'scgan[onnx]'" in error
    assert "engine: torch" in error


@pytest.mark.parametrize("name", FILE_ENGINES)
def test_a_missing_engine(
    name: str, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hide(monkeypatch, name)
    assert main(["generate", str(tiny_model), "--engine", name, "--out", "out"]) == 2
    extra = FILE_ENGINES[name][0]
    assert f"the engine {name} needs {name}: pip install 'scgan[{extra}]'" in capsys.readouterr().err


def test_an_unknown_engine(tiny_model: Path) -> None:
    with pytest.raises(scgan.UserError, match="there is no engine 'abacus': choose one of auto, torch"):
        scgan.load(tiny_model, engine="abacus")


def test_engines_of_files_are_for_the_processor(tiny_model: Path) -> None:
    pytest.importorskip("onnxruntime")
    model = scgan.load(tiny_model, engine="torch").model
    with pytest.raises(scgan.UserError, match="the engine onnxruntime computes on the CPU, not on cuda:0"):
        choose.make_engine("onnxruntime", model, "cuda:0")
