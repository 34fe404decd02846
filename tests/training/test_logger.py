"""Log of a training."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from damage import flip_byte
from scgan.training.logger import Logger
from scgan.utils.json_files import unseal


def steps(folder: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_lines_after_the_resumed_step_are_removed(tmp_path: Path) -> None:
    logger = Logger(tmp_path, 0)
    for step in (1, 2, 3):
        logger.write(step, {"stage": "adversarial", "loss": 0.5})
    logger.close()
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 4, "sta')
    logger = Logger(tmp_path, 2)
    logger.write(3, {"loss": 0.25})
    logger.close()
    assert steps(tmp_path) == [1, 2, 3]
    last = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
    assert unseal(last) == {"step": 3, "loss": 0.25}


def test_tensorboard_shows_the_lines_and_forgets_those_after_the_resumed_step(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    for first, values in ((0, (0.5, 0.25, 8.0)), (2, (0.125,))):
        logger = Logger(tmp_path, first)
        for step, value in enumerate(values, start=first + 1):
            logger.write(step, {"stage": "adversarial", "generator/loss": value})
        logger.close()
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    scalars = [(event.step, event.value) for event in events.Scalars("generator/loss")]
    assert scalars == [(1, 0.5), (2, 0.25), (3, 0.125)]
    assert events.Tags()["scalars"] == ["generator/loss"]


def test_a_full_disk_is_an_error_of_the_caller(tmp_path: Path) -> None:
    logger = Logger(tmp_path, 0)
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            for step in range(100):
                logger.write(step, {"loss": 0.5})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        logger.close()


def test_without_tensorboard_there_are_json_lines_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    logger = Logger(tmp_path, 0)
    logger.write(1, {"loss": 0.5})
    logger.close()
    assert steps(tmp_path) == [1]
    assert not (tmp_path / "tensorboard").exists()


def test_a_damaged_line_is_named_and_left_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logger = Logger(tmp_path, 0)
    for step in (1, 2, 3):
        logger.write(step, {"loss": 0.5})
    logger.close()
    file = tmp_path / "log.jsonl"
    first, second, third = file.read_bytes().splitlines(keepends=True)
    flip_byte(file, len(first) + second.index(b"0.5"), 1)  # 0 → 1
    Logger(tmp_path, 3).close()
    assert file.read_bytes() == first + third
    assert "log.jsonl, line 2, is damaged: it is left out." in capfd.readouterr().err
