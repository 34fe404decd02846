"""Trackers of trainings: the real libraries, offline."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from scgan.cli import main
from scgan.training.logger import Logger
from scgan.training.trackers import require_tracker
from scgan.utils.errors import UserError

SETTINGS = {"training.steps": 3, "loss.segmentation": 1.5}


def log_and_resume(folder: Path, tracker: str) -> str:
    """Log three steps, then the third again as a resumed run does; returns the run's identifier."""
    for step, values in ((0, (0.5, 0.25, 8.0)), (2, (0.125,))):
        logger = Logger(folder, step, tracker, SETTINGS)
        for place, value in enumerate(values, start=step + 1):
            logger.write(place, {"stage": "adversarial", "generator/loss": value})
        logger.close()
    return str(json.loads((folder / "tracker.json").read_text())[tracker])


def mlflow_history(folder: Path, run: str) -> tuple[list[tuple[int, float]], Any]:
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{folder}/mlflow.db")
    return [(point.step, point.value) for point in client.get_metric_history(run, "generator/loss")], client.get_run(
        run
    )


@pytest.mark.parametrize("tracker", ["wandb", "mlflow"])
def test_a_missing_library_names_its_extra(
    tmp_path: Path, toy_data: Path, tracker: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pytorch_lightning", None)
    arguments = ["train", f"--data={toy_data}", f"--out={tmp_path / 'run'}", "--recipe=cpu"]
    assert main([*arguments, f"--log.tracker={tracker}"]) == 2
    error = " ".join(capfd.readouterr().err.split())
    assert f"--log.tracker {tracker} needs pytorch_lightning" in error and f"pip install 'scgan[{tracker}]'" in error
    assert not (tmp_path / "run").exists()


def test_without_a_tracker_there_are_json_lines_only(tmp_path: Path) -> None:
    require_tracker("none")
    logger = Logger(tmp_path, 0, "none")
    logger.write(1, {"loss": 0.5})
    logger.close()
    assert [file.name for file in tmp_path.iterdir()] == ["log.jsonl"]


def test_wandb_continues_its_run_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb")
    pytest.importorskip("pytorch_lightning")
    monkeypatch.setenv("WANDB_MODE", "offline")
    run = log_and_resume(tmp_path, "wandb")
    files = list((tmp_path / "wandb").glob(f"offline-run-*/run-{run}.wandb"))
    assert len(files) == 2 and all(b"generator/loss" in file.read_bytes() for file in files)
    assert any(b"loss.segmentation" in file.read_bytes() for file in files)


def test_mlflow_continues_its_run_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow")
    pytest.importorskip("pytorch_lightning")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    points, run = mlflow_history(tmp_path, log_and_resume(tmp_path, "mlflow"))
    assert points == [(1, 0.5), (2, 0.25), (3, 8.0), (3, 0.125)]
    assert run.data.params == {"training.steps": "3", "loss.segmentation": "1.5"} and run.info.run_name == tmp_path.name


def test_a_tracker_that_fails_does_not_end_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("mlflow")
    pytest.importorskip("pytorch_lightning")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    logger = Logger(tmp_path, 0, "mlflow", SETTINGS)
    (tmp_path / "mlflow.db").write_bytes(b"no database" * 1000)
    for step in (1, 2):
        logger.write(step, {"loss": 0.5})
    logger.close()
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 2
    assert capfd.readouterr().err.count("the training goes on with log.jsonl alone") == 1


def test_a_server_that_does_not_answer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow")
    pytest.importorskip("pytorch_lightning")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(UserError, match=r"the tracker mlflow cannot be opened \(.*: correct its own settings"):
        Logger(tmp_path, 0, "mlflow", SETTINGS)


@pytest.mark.parametrize("content", ["{", "[]", '{"mlflow": 3}'])
def test_damaged_identifiers_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "tracker.json").write_text(content)
    with pytest.raises(UserError, match=r"tracker\.json is damaged .*: remove it, and the tracker begins a new run"):
        Logger(tmp_path, 2, "mlflow", SETTINGS)
