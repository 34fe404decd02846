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
    assert any((tmp_path / "tensorboard").iterdir())


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
