"""Ablations with two candidates of a few steps: equal time, scores of both, resuming."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from scgan.cli import main
from scgan.recipes import cpu, with_settings
from tiny_runs import one_thread  # noqa: F401

Load = Callable[[str], ModuleType]


def test_every_candidate_changes_settings_that_exist(load_benchmark: Load) -> None:
    candidates = load_benchmark("ablations").CANDIDATES
    assert len(candidates) >= 7 and not candidates["recipe"][1]
    configs = [with_settings(cpu(), settings) for _, settings in candidates.values()]
    assert len({config.model_dump_json() for config in configs}) == len(candidates)


def test_equal_times_one_row_each_and_nothing_runs_twice(
    load_benchmark: Load, toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script, out, commands = load_benchmark("ablations"), tmp_path / "ablations", []

    def run(command: Sequence[str]) -> float:
        commands.append(command[0])
        assert main(list(command)) == 0
        return 0.0

    out.mkdir()
    (out / "step_seconds.json").write_text(json.dumps({"recipe": 1.0, "warp": 2.0}))
    words = ["--data", str(toy_data), "--out", str(out), "--seconds", "2", "--seeds", "0"]
    words += ["--candidates", "recipe", "warp", "--judges", "--set", "generator.width=4", "discriminator.width=4"]
    words += ["segmentor.width=4", "segmentor.pretrain_steps=1", "training.batch_size=4"]
    script.main(words, run)
    lines = (out / "table.md").read_text().splitlines()[4:]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert [row[:2] for row in rows] == [["recipe `cpu`", "2"], ["warps of photo and mask", "1"]]
    place = 2 + list(script.COLUMNS).index("attribute accuracy")
    assert all(0 <= float(row[place].split()[0]) <= 1 for row in rows)
    assert commands == ["train", "evaluate"] * 2
    capsys.readouterr()
    script.main(words, run)
    assert len(commands) == 4 and capsys.readouterr().out.strip() in (out / "table.md").read_text()


def test_the_time_of_a_step_is_the_difference_of_two_trainings(load_benchmark: Load, tmp_path: Path) -> None:
    """A start of 5 seconds, and 2 seconds for each step."""
    script = load_benchmark("ablations")

    def run(command: Sequence[str]) -> float:
        Path(command[command.index("--out") + 1]).mkdir()
        (steps,) = (int(word.partition("=")[2]) for word in command if word.startswith("--training.steps="))
        return 5.0 + 2.0 * steps

    options = script.argparse.Namespace(out=tmp_path, data=tmp_path, set=[])
    assert script.measure(options, ["recipe", "warp"], run) == {"recipe": 2.0, "warp": 2.0}
    assert json.loads((tmp_path / "step_seconds.json").read_text()) == {"recipe": 2.0, "warp": 2.0}
