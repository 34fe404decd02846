"""Tests of the runs of a comparison: their names, processes and lengths, and the committed finished runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from doc_commands import DOCS
from scgan.comparison.runs import Finished, find_finished, pretrain_steps, run_name, train_in_process
from scgan.comparison.variants import Budget, configure
from scgan.recipes import read_config, recipe, with_settings
from scgan.runs.train import train
from scgan.utils.errors import RunError

COMPARISONS = sorted(file.parent for file in (DOCS / "results").glob("*/results.json"))


def test_there_are_comparisons() -> None:
    assert [folder.name for folder in COMPARISONS] == ["faces32", "fashion32"]


@pytest.mark.parametrize("folder", COMPARISONS, ids=lambda folder: str(folder.name))
def test_every_finished_run_is_found_by_its_own_configuration(folder: Path) -> None:
    """A rename of a setting must rename the folders too, or everything would be trained again."""
    files = sorted((folder / "finished").glob("*/result.json"))
    assert files
    for file in files:
        result = json.loads(file.read_text(encoding="utf-8"))
        finished = find_finished(folder, read_config(result["config"], str(file)), result["data_fingerprint"])
        assert finished is not None and finished.folder == file.parent
        assert finished.images().shape == (6, 32, 32, 3)
        assert len(finished.growth()) == len(result["growth_steps"])


@pytest.mark.parametrize("folder", COMPARISONS, ids=lambda folder: str(folder.name))
def test_the_results_name_runs_that_are_there(folder: Path) -> None:
    variants = json.loads((folder / "results.json").read_text(encoding="utf-8"))["variants"]
    for variant in variants.values():
        for run, result in zip(variant["runs"], variant["results"], strict=True):
            finished = json.loads((folder / "finished" / run / "result.json").read_text(encoding="utf-8"))
            assert (finished["config"], finished["scores"]) == (result["config"], result["scores"])


def test_a_name_differs_with_settings_that_affect_the_training_and_only_with_these() -> None:
    config = configure("scgan", "cpu", {}, 0, Budget(1600, None))
    name = run_name(config, "data")
    assert name == run_name(configure("scgan", "cpu", {"log.scalars_every": 7}, 0, Budget(1600, None)), "data")
    others = [
        run_name(configure("scgan", "cpu", {}, 1, Budget(1600, None)), "data"),
        run_name(configure("scgan", "cpu", {}, 0, Budget(3200, None)), "data"),
        run_name(configure("scgan", "cpu", {"loss.class_balance": 0.1}, 0, Budget(1600, None)), "data"),
        run_name(config, "other data"),
    ]
    assert len({name, *others}) == 5


def test_minutes_end_a_training(toy_data: Path, tmp_path: Path) -> None:
    config = configure("wgan-gp", "cpu", {"training.batch_size": 4, "generator.width": 2}, 0, Budget(None, 0.001))
    assert train(toy_data, tmp_path / "run", config, resume=False)
    steps = int(json.loads((tmp_path / "run" / "model" / "model.json").read_text())["step"])
    assert 1 <= steps < 1000
    assert train(toy_data, tmp_path / "run", config, resume=True)  # there is nothing left to do
    assert int(json.loads((tmp_path / "run" / "model" / "model.json").read_text())["step"]) == steps


def test_a_training_in_a_process_of_its_own_is_resumed_and_measured(
    toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"training.batch_size": 4, "generator.width": 2, "discriminator.width": 2, "log.scalars_every": 1}
    config = configure("wgan-gp", "cpu", changes, 0, Budget(8, None))
    run = tmp_path / "runs" / "run"
    train_in_process(run, config, toy_data)
    assert json.loads((run / "memory.json").read_text()) > 50
    (run / "memory.json").write_text("1000000")
    train_in_process(run, config, toy_data)  # finished: it ends at once
    assert json.loads((run / "memory.json").read_text()) == 1000000  # the largest of all sessions
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(RunError, match="exit code 1"):
        train_in_process(run, config, toy_data)


def test_a_training_whose_comparison_has_ended_saves_and_stops(toy_data: Path, tmp_path: Path) -> None:
    changes = {"training.batch_size": 4, "generator.width": 2, "discriminator.width": 2}
    config = configure("wgan-gp", "cpu", changes, 0, Budget(10**8, None))
    run = tmp_path / "runs" / "run"
    with pytest.raises(KeyboardInterrupt):
        train_in_process(run, config, toy_data, stopped=(run / "checkpoints").is_dir)
    assert list((run / "checkpoints").iterdir())


def test_images_of_a_finished_run_are_arrays(tmp_path: Path) -> None:
    images, growth = np.full((2, 4, 4, 3), 7, np.uint8), np.full((3, 2, 4, 4, 3), 8, np.uint8)
    np.savez_compressed(tmp_path / "images.npz", images=images, growth=growth)
    finished = Finished(tmp_path, {})
    np.testing.assert_array_equal(finished.images(), images)
    np.testing.assert_array_equal(finished.growth(), growth)


def test_steps_of_the_segmentor_alone_are_not_compared() -> None:
    settings = {"segmentor.pretrain_steps": 7}
    assert pretrain_steps(with_settings(recipe("cpu"), settings).model_dump()) == 7
    assert pretrain_steps(with_settings(recipe("cpu"), settings | {"loss.segmentation": 0.0}).model_dump()) == 0
    assert pretrain_steps(with_settings(recipe("cpu", "pix2pix"), {}).model_dump()) == 0
