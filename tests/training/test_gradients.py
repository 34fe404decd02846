"""Gradients of two processes equal those of one: same data, same random numbers, the mean of both."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from patience import MAX_SECONDS


def newest_state(run: Path) -> dict[str, Any]:
    return torch.load(max((run / "checkpoints").iterdir()) / "state.pt", weights_only=True)


def test_gradients_in_float64(run: Callable[..., Path], toy_data: Path, tmp_path: Path, arguments: list[str]) -> None:
    """Adam's first moment after one step is (1 − β₁) times the gradient of that step."""
    settings = {"training.precision": "64-true", "training.steps": 1, "generator.update_every": 1}
    command = [sys.executable, "-m", "scgan", "train", "--data", str(toy_data), "--out", str(tmp_path / "two")]
    changed = [f"--{name}={value}" for name, value in settings.items()]
    process = subprocess.run(
        [*command, *arguments, *changed, "--training.devices=2"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
    )
    assert process.returncode == 0, process.stderr
    keywords = {name.replace(".", "__"): value for name, value in settings.items()}
    one, two = newest_state(run("one", **keywords)), newest_state(tmp_path / "two")
    assert len(one["optimizers"]) == 3  # discriminator, segmentor, generator
    for mine, theirs in zip(one["optimizers"], two["optimizers"], strict=True):
        assert sum(state["exp_avg"].abs().sum() for state in mine["state"].values()) > 0
        for index, state in mine["state"].items():
            gradient = state["exp_avg"]
            assert gradient.dtype == torch.float64
            torch.testing.assert_close(theirs["state"][index]["exp_avg"], gradient, rtol=1e-8, atol=1e-12)
    logs = [(tmp_path / name / "log.jsonl").read_text().splitlines() for name in ("one", "two")]
    assert len(logs[0]) == len(logs[1]) == 3  # written by the first process only

    assert process.stdout.count("the model is in") == 1
    continued = newest_state(run("two", resume=True, **keywords | {"training__steps": 2}))
    assert continued["stage_step"] == 2  # one process resumes the run of two
