"""Resumed training: equal, bit by bit, to uninterrupted training."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from patience import MAX_SECONDS
from scgan.cli import main
from scgan.data.prepare.prepare import prepare
from scgan.data.sources.toyfaces import ToyFaces
from scgan.utils.errors import RunError, UserError

Run = Callable[..., Path]


def newest_state(run: Path) -> dict[str, Any]:
    newest = max((run / "checkpoints").iterdir())
    state = torch.load(newest / "state.pt", weights_only=True)
    del state["seconds"]
    return {"step": int(newest.name), **state}


def flattened(values: Any, name: str = "") -> dict[str, Any]:
    if isinstance(values, dict):
        return {k: v for key, value in values.items() for k, v in flattened(value, f"{name}/{key}").items()}
    if isinstance(values, list):
        return {k: v for key, value in enumerate(values) for k, v in flattened(value, f"{name}/{key}").items()}
    return {name: values}


def require_equal_bits(one: Path, other: Path) -> None:
    mine, theirs = flattened(newest_state(one)), flattened(newest_state(other))
    assert mine.keys() == theirs.keys()
    for name, value in mine.items():
        same = torch.equal(value, theirs[name]) if isinstance(value, torch.Tensor) else value == theirs[name]
        assert same, name
    model, other_model = (load_file(run / "model" / "model.safetensors") for run in (one, other))
    assert all(torch.equal(value, other_model[name]) for name, value in model.items())
    assert log(one) == log(other)


def log(run: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in ("seconds", "digest")} for line in lines]


def test_a_shorter_run_resumes_for_more_steps(run: Run) -> None:
    whole = run("whole", training__steps=7)
    parts = run("parts", training__steps=1)  # ends in the second stage
    run("parts", resume=True, training__steps=4)
    assert newest_state(parts)["step"] == 6
    run("parts", resume=True, training__steps=7)
    assert newest_state(parts)["step"] == 9  # with the segmentor's two
    require_equal_bits(whole, parts)


def test_mixed_precision_resumes_bit_by_bit(run: Run) -> None:
    settings = {"training__precision": "bf16-mixed", "loss__adversarial": "logistic"}
    whole = run("whole", training__steps=4, **settings)
    parts = run("parts", training__steps=1, **settings)
    run("parts", resume=True, training__steps=4, **settings)
    require_equal_bits(whole, parts)


def test_a_finished_run_stays_as_it_is(run: Run, whole: Path, copy: Path) -> None:
    assert run(resume=True) == copy
    require_equal_bits(whole, copy)


@pytest.mark.parametrize("step", [2, 6])  # the first is the end of a stage
def test_every_checkpoint_can_be_resumed(run: Run, whole: Path, copy: Path, step: int) -> None:
    """As after a kill: log lines and samples of later steps still exist, and are written again."""
    assert sorted(path.name for path in (whole / "checkpoints").iterdir()) == [f"{step:08}" for step in (2, 4, 6, 8)]
    for checkpoint in (copy / "checkpoints").iterdir():
        if int(checkpoint.name) > step:
            shutil.rmtree(checkpoint)
    with (copy / "log.jsonl").open("a") as file:
        file.write('{"step": 9, "stage"')  # a line cut off by the kill
    run(resume=True)
    require_equal_bits(whole, copy)


def test_a_run_without_a_checkpoint_starts_from_scratch(run: Run, whole: Path, copy: Path) -> None:
    shutil.rmtree(copy / "checkpoints")
    run(resume=True)
    require_equal_bits(whole, copy)


def test_a_killed_and_an_interrupted_run_resume(
    run: Run, toy_data: Path, tmp_path: Path, arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    settings = [*arguments, "--training.steps=200", "--log.checkpoint_every=5", "--log.samples_every=500"]

    def start(*options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "scgan", "train", "--out", str(out), *options]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)

    def wait_for(step: int, process: subprocess.Popen[str]) -> None:
        end = time.monotonic() + MAX_SECONDS
        while not (out / "checkpoints" / f"{step:08}").exists():
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.005)

    killed = start("--data", str(toy_data), *settings)
    wait_for(10, killed)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    interrupted = start("--resume")
    wait_for(20, interrupted)
    interrupted.send_signal(signal.SIGINT)
    _, errors = interrupted.communicate(timeout=MAX_SECONDS)
    assert interrupted.returncode == 130
    assert f"stopped and saved; resume with: scgan train --out {out} --resume" in errors
    assert "Traceback" not in errors
    stopped_at = newest_state(out)["step"]
    assert 20 <= stopped_at < 202

    assert main(["train", "--out", str(out), "--resume", f"--training.steps={stopped_at + 5}"]) == 0
    assert f"the model is in {out / 'model'}" in capfd.readouterr().out
    changes = {"training__steps": stopped_at + 5, "log__checkpoint_every": 5, "log__samples_every": 500}
    require_equal_bits(run("whole", **changes), out)


def test_a_damaged_checkpoint_falls_back_to_the_one_before(
    run: Run, whole: Path, copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    newest = max((copy / "checkpoints").iterdir())
    with (newest / "state.pt").open("r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    run(resume=True)
    errors = capfd.readouterr().err
    assert f"{newest} is damaged (its digest does not match); trying the one before" in errors
    assert f"resuming {copy} at step 6" in errors
    require_equal_bits(whole, copy)


@pytest.mark.parametrize("damage", ["cut", "removed", "emptied"])
def test_only_damaged_checkpoints_are_refused(run: Run, copy: Path, damage: str) -> None:
    for checkpoint in (copy / "checkpoints").iterdir():
        state = checkpoint / "state.pt"
        if damage == "removed":
            state.unlink()
        else:
            os.truncate(state, 0 if damage == "emptied" else state.stat().st_size // 2)
    with pytest.raises(UserError, match=r"every checkpoint in .*checkpoints is damaged: start from scratch"):
        run(resume=True)


def test_checkpoints_that_cannot_be_listed_are_not_taken_for_none(run: Run, copy: Path) -> None:
    log = (copy / "log.jsonl").read_bytes()
    shutil.rmtree(copy / "checkpoints")
    (copy / "checkpoints").write_text("a file")
    with pytest.raises(NotADirectoryError):
        run(resume=True)
    assert (copy / "log.jsonl").read_bytes() == log


def test_the_checkpoint_of_another_run_is_refused(run: Run, copy: Path) -> None:
    wide = run("wide", generator__width=6)
    shutil.rmtree(copy / "checkpoints")
    shutil.copytree(wide / "checkpoints", copy / "checkpoints")
    with pytest.raises(UserError, match=r"newest checkpoint in .* does not belong to this training \(.*size mismatch"):
        run(resume=True)


def test_code_in_a_checkpoint_is_never_executed(run: Run, copy: Path, tmp_path: Path) -> None:
    """A pickle can call any function; such a checkpoint is refused even with a matching digest."""
    import hashlib
    import pickle

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "executed"),)

    for checkpoint in (copy / "checkpoints").iterdir():
        (checkpoint / "state.pt").write_bytes(pickle.dumps({"stage_index": Evil()}, protocol=2))
        digest = hashlib.sha256((checkpoint / "state.pt").read_bytes()).hexdigest()
        (checkpoint / "sha256").write_text(digest)
    with pytest.raises(UserError, match="every checkpoint"):
        run(resume=True)
    assert not (tmp_path / "executed").exists()


@pytest.mark.usefixtures("copy")
def test_other_settings_are_refused_by_name(run: Run) -> None:
    with pytest.raises(UserError, match=r"was begun with --loss.gradient_penalty 10.0, not 3.0: a resumed run keeps"):
        run(resume=True, loss__gradient_penalty=3.0)
    with pytest.raises(UserError, match=r"--training.seed 0, not 1"):
        run(resume=True, training__seed=1)


def test_other_data_is_refused(copy: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    prepare(ToyFaces(60, 32, seed=1), tmp_path / "others", processes=1)
    assert main(["train", "--out", str(copy), "--resume", "--data", str(tmp_path / "others")]) == 2
    assert "was begun with other data (fingerprint" in capfd.readouterr().err


def test_the_same_data_may_have_moved(copy: Path, toy_data: Path, tmp_path: Path) -> None:
    shutil.copytree(toy_data, tmp_path / "moved")
    assert main(["train", "--out", str(copy), "--resume", "--data", str(tmp_path / "moved")]) == 0


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.yaml", None, "has no config.yaml: it is not the folder of a training run"),
        ("config.yaml", "a: [", "config.yaml is damaged"),
        ("config.yaml", "a: &a [1]\nb: [*a, *a]", "config.yaml is damaged (line 2 has an alias, *a: write the value"),
        ("config.yaml", "[" * 9999, "config.yaml is damaged (line 1 is nested too deeply)"),
        ("config.yaml", "a: 1\n# digest 0123456789abcdef", "config.yaml is damaged (changed since it was written;"),
        ("config.yaml", b"a: \xff", "config.yaml is not UTF-8 text"),
        ("config.yaml", "", r"config.yaml does not hold a configuration"),
        ("data.json", None, r"data.json cannot be read"),
        ("data.json", "[]", r"data.json cannot be read"),
        ("data.json", '{"path": "data", "digest": "0123456789abcdef"}', "data.json cannot be read (changed since it"),
        ("data.json", "[" * 99_999, "data.json cannot be read (nested too deeply)"),
    ],
)
def test_a_damaged_run_folder_is_refused(
    copy: Path, file: str, content: str | bytes | None, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (copy / file).unlink()
    if content is not None:
        (copy / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert main(["train", "--out", str(copy), "--resume"]) == 2
    assert message in capfd.readouterr().err


def test_an_infinite_loss_stops_the_run_and_keeps_the_last_checkpoint(run: Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"the term '\w+' of the \w+'s loss became (nan|-?inf) at step \d; --resume"):
        run(discriminator__optimizer__learning_rate=1e18)
    state = newest_state(tmp_path / "run")
    assert all(values.isfinite().all() for values in flattened(state["networks"]).values())
    # The advice of the message works.
    run(resume=True, discriminator__optimizer__learning_rate=1e-5)
    assert newest_state(tmp_path / "run")["optimizers"][0]["param_groups"][0]["lr"] == 1e-5
