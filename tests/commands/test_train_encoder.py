"""``scgan train-encoder``: training, Ctrl-C and resume, the start of ``scgan invert``, export."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from PIL import Image

from patience import MAX_SECONDS
from scgan.cli import main
from scgan.faces.mean_face import toy_landmarks

Words = Callable[[], str]


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    shutil.copytree(tiny_model, tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Words:
    """Function that gives what was printed on standard error, in one line."""
    return lambda: " ".join(capsys.readouterr().err.split())


def interrupted_training(model: Path, command: list[str]) -> tuple[int, str]:
    """Send Ctrl-C to a training in a process of its own once it has logged a step; returns its exit code and words."""
    words = [sys.executable, "-m", "scgan", *command]
    training = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    end = monotonic() + MAX_SECONDS
    while not any(file.stat().st_size for file in model.glob("encoder.*.training/log.jsonl")):
        assert training.poll() is None and monotonic() < end
        sleep(0.01)
    training.send_signal(signal.SIGINT)
    _, errors = training.communicate(timeout=MAX_SECONDS)
    return training.returncode, " ".join(errors.split())


def test_stopped_resumed_and_used(model: Path, tmp_path: Path, said: Words) -> None:
    out = model / "encoder"
    command = ["train-encoder", str(model), "--out", str(out)]
    code, errors = interrupted_training(model, [*command, "--steps=100000"])
    assert code == 130 and "a checkpoint is saved; the same command again continues" in errors
    (work,) = model.glob("encoder.*.training")
    assert not out.exists() and list((work / "checkpoints").iterdir())
    assert main([*command, "--steps=51"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["encoder.json", "encoder.safetensors"]
    assert json.loads((out / "encoder.json").read_text())["step"] >= 50 and not work.exists()
    assert main([*command, "--steps=1"]) == 2
    assert "exists already" in said()

    Image.fromarray(np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)).save(tmp_path / "photo.png")
    (tmp_path / "points.json").write_text(json.dumps(toy_landmarks(scale=0.35).tolist()))
    invert = ["invert", str(model), str(tmp_path / "photo.png"), "--landmarks", str(tmp_path / "points.json")]
    short = ["--steps=0", "--correction-steps=0"]
    assert main([*invert, "--out", str(tmp_path / "a.json"), *short]) == 0
    assert f"the encoder in {out} guesses the start" in said()
    assert main([*invert, "--out", str(tmp_path / "b.json"), *short, "--no-encoder"]) == 0
    assert "guesses the start" not in said()

    assert main(["export", str(model), "--out", str(tmp_path / "exported")]) == 0
    said()
    assert main(["invert", str(tmp_path / "exported"), *invert[2:], "--out", str(tmp_path / "c.json"), *short]) == 0
    assert f"the encoder in {tmp_path / 'exported' / 'encoder'} guesses the start" in said()


def test_bad_inputs(model: Path, tmp_path: Path, said: Words) -> None:
    for options, message in [
        (["--steps=0"], "--steps 0: give a number from 1 to"),
        (["--out", str(model), "--overwrite"], "is an input"),
        (["--data", str(tmp_path / "none")], "does not exist"),
        (["--out", str(tmp_path / "encoder.safetensors")], "is the name of a file"),
    ]:
        assert main(["train-encoder", str(model), *options]) == 2
        assert message in said()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]
