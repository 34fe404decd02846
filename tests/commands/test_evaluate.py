"""Tests of `scgan evaluate`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from damage import change_sealed, copy_as_one_split
from scgan.cli import main
from scgan.evaluation.evaluate import evaluate_model
from scgan.utils.json_files import unseal


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
    assert unseal(json.loads(out.read_text())) == evaluate_model(str(tiny_model), toy_data, grader=grader, seed=2)
    assert main(command) == 2
    assert "exists already" in capsys.readouterr().err
    assert main([*command, "--overwrite"]) == 0


def test_data_with_only_a_test_split(
    tiny_model: Path, toy_data: Path, tiny_graders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that is missing is said before any work; with a trained grader the scores are written."""
    data, out, grader = tmp_path / "data", tmp_path / "scores.json", str(tiny_graders / "grader")
    copy_as_one_split(toy_data, data, "test")
    command = ["evaluate", str(tiny_model), "--data", str(data), "--out", str(out)]
    for options, message in (
        ([], "has 0 training items, but a grader needs at least 16: prepare more, or name a trained grader"),
        (["--grader", grader, "--judge-attributes"], "has 0 training items, but a grader needs at least 16"),
        (["--grader", grader, "--features", "efficientnet-lite0"], "compares with at least 2 training images"),
    ):
        assert main([*command, *options]) == 2
        error = " ".join(capsys.readouterr().err.split())
        assert message in error and "masks and images" not in error, options
    assert main([*command, "--grader", grader]) == 0
    assert json.loads(out.read_text())["spatial"]["split"] == "test"


def test_features_of_the_training_do_not_lead(
    tiny_model: Path, toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = tmp_path / "model", tmp_path / "scores.json"
    shutil.copytree(tiny_model, model)
    origin = {"model": "theirs", "step": 8, "data_fingerprint": "", "digest": "", "features": ["efficientnet-lite0"]}
    change_sealed(model / "model.json", about={"started_from": [origin]})
    assert main(["evaluate", str(model), "--data", str(toy_data), "--features", "efficientnet-lite0"]) == 2
    message = " ".join(capsys.readouterr().err.split())
    assert "was trained on the features of efficientnet-lite0 (its warm start from theirs)" in message
    assert "name others first, like --features efficientnet-lite2 efficientnet-lite0" in message and not out.exists()
