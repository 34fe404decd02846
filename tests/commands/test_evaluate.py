"""Tests of `scgan evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scgan.cli import main
from scgan.evaluation.evaluate import evaluate_model


def test_it_prints_a_table_and_writes_the_scores(
    tiny_model: Path, toy_data: Path, tiny_graders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, grader = tmp_path / "scores.json", str(tiny_graders / "grader")
    command = [
        "evaluate",
        str(tiny_model),
        "--data",
        str(toy_data),
        "--grader",
        grader,
        "--seed",
        "2",
        "--out",
        str(out),
    ]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "mask accuracy" in printed and "Floor: " in " ".join(printed.split())
    assert json.loads(out.read_text()) == evaluate_model(str(tiny_model), toy_data, grader=grader, seed=2)
    assert main(command) == 2
    assert "exists already" in capsys.readouterr().err
    assert main([*command, "--overwrite"]) == 0
