"""A comparison from end to end with tiny networks: reuse, failures, table, figures, and the two commands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from scgan.cli import main
from scgan.comparison import compare as comparison_run
from scgan.comparison import runs as module
from scgan.comparison.page import once_each
from scgan.comparison.runs import Finished, pretrain_steps, run_name
from scgan.comparison.variants import VARIANTS, Budget, configure
from scgan.config import Config
from scgan.data.prepared import PreparedDataset
from scgan.evaluation import features
from scgan.graders.grader import AttributeGrader, Grader
from scgan.graders.kinds import ATTRIBUTES, MASKS
from scgan.recipes import recipe, with_settings
from scgan.runs.train import train
from scgan.utils.errors import RunError

TINY = [
    "generator.width=4",
    "generator.latent_size=4",
    "discriminator.width=2",
    "segmentor.width=4",
    "training.batch_size=4",
    "log.scalars_every=1",
    "log.samples_every=2",
    "spade.perceptual=0",
]


@pytest.fixture
def data(toy_data: Path) -> Path:
    return toy_data


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Graders that know nothing, features that are pixels, and trainings without a process of their own."""
    torch.manual_seed(0)

    def grader(dataset: PreparedDataset, device: str) -> Grader:
        return Grader(MASKS.build(dataset.schema).eval(), dataset.schema, "untrained")

    def attribute_grader(dataset: PreparedDataset, device: str) -> AttributeGrader:
        return AttributeGrader(ATTRIBUTES.build(dataset.schema).eval(), dataset.schema, "untrained")

    def extract(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return images[:, ::16, ::16].reshape(len(images), -1).astype(np.float32) / 255

    def here(run: Path, config: Config, path: Path) -> None:
        train(path, run, config, resume=(run / "config.yaml").is_file())
        (run / "memory.json").write_text("123")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(comparison_run, "load_or_train_grader", grader)
    monkeypatch.setattr(comparison_run, "load_or_train_attribute_grader", attribute_grader)
    inception = features.Features("inception", "FID", "KID", extract)
    monkeypatch.setattr(features, "FEATURES", {"inception": lambda device: inception})
    monkeypatch.setattr(module, "_train", here)


def test_everything_is_compared_and_finished_runs_are_used_again(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["compare", "--data", str(data), "--out", str(out), "--budget", "12images"]
    command += ["--features", "inception", "--no-real", "--set", *TINY, "segmentor.pretrain_steps=2"]
    assert main(command) == 0
    table = (out / "table.md").read_text()
    for variant in VARIANTS.values():
        assert table.count(f"| {variant.title} |") == 5
    assert table.index("| KID |") < table.index("| FID, fewer images than features |")  # 6 images, 12 features
    assert len(list((out / "finished").iterdir())) == len(VARIANTS) - 1  # two are the same
    assert {file.name for file in (out / "figures").iterdir()} == {
        "methods.png",
        "growth.png",
        "losses.png",
        "shares.png",
    }
    results = json.loads((out / "results.json").read_text())["variants"]
    assert list(results) == list(VARIANTS)
    for values in results.values():
        (result,) = values["results"]
        assert result["images_seen"] == 12 and result["megabytes"] == 123
    assert results["scgan"]["runs"] == results["scgan-fixed-segmentor"]["runs"]
    page = (out / "page.html").read_text()
    assert "Spatial consistency" in page and page.count("<img") == 4

    monkeypatch.setattr(module, "_train", None)
    capsys.readouterr()
    assert main(command) == 0
    assert capsys.readouterr().err.count("is finished already") == len(VARIANTS)
    assert (out / "table.md").read_text() == table


def test_a_failure_does_not_stop_the_others(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = module._train

    def sometimes(run: Path, config: Config, path: Path) -> None:
        if config.method == "pix2pix":
            raise RunError("the term 'critic' became nan")
        here(run, config, path)

    monkeypatch.setattr(module, "_train", sometimes)
    out = tmp_path / "out"
    command = ["compare", "--data", str(data), "--out", str(out), "--budget", "8images", "--features"]
    assert main([*command, "--methods", "pix2pix", "wgan-gp", "--set", *TINY]) == 1
    assert "failed: the term 'critic' became nan" in capsys.readouterr().err
    table = (out / "table.md").read_text()
    assert "- Pix2Pix: the term 'critic' became nan" in table and "| WGAN-GP |" in table
    assert len(list((out / "runs").glob("pix2pix*.failure.txt"))) == 1


def test_reproduce_prints_the_papers_numbers_beside(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["reproduce", "celeba", "--data", str(data), "--out", str(out), "--budget", "8images"]
    assert main([*command, "--methods", "scgan", "pix2pix", "--set", *TINY]) == 0
    table = (out / "table.md").read_text()
    header, _, *rows = [line for line in table.splitlines() if line.startswith("|")][4:]
    assert header.endswith("| paper: pixel accuracy | paper: mIoU |")
    assert [row.split("|")[-3:-1] for row in rows[:4]] == [
        [" 0.9895 ", " 0.7911 "],
        [" 0.9805 ", " 0.7871 "],
        [" 0.9204 ", "  "],
        [" 0.9928 ", "  "],
    ]
    assert "paper: FID" in table and "| 10.2 |" in table
    (result, _) = sorted((out / "finished").glob("*/result.json"))
    assert json.loads(result.read_text())["config"]["recipe"] == "paper"


def test_a_name_differs_with_what_is_learned_and_only_with_that() -> None:
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


def test_bad_input_is_refused_before_anything_is_trained(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "_train", None)
    command = ["compare", "--data", str(data), "--out", str(tmp_path / "out")]
    for more, sentence in (
        (["--budget", "soon"], "neither like 64000images"),
        (["--budget", "8images", "--methods", "gan"], "there is no 'gan' to compare"),
        (["--budget", "8images", "--set", "generator.width"], "write NAME=VALUE"),
        (["--budget", "8images", "--set", "generator.width=0"], "--generator.width is 0"),
    ):
        assert main([*command, *more]) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_minutes_end_a_training(data: Path, tmp_path: Path) -> None:
    config = configure("wgan-gp", "cpu", {"training.batch_size": 4, "generator.width": 2}, 0, Budget(None, 0.001))
    assert train(data, tmp_path / "run", config)
    steps = int(json.loads((tmp_path / "run" / "model" / "model.json").read_text())["step"])
    assert 1 <= steps < 1000
    assert train(data, tmp_path / "run", config, resume=True)  # there is nothing left to do
    assert int(json.loads((tmp_path / "run" / "model" / "model.json").read_text())["step"]) == steps


def test_a_training_in_a_process_of_its_own_goes_on_and_is_measured(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    changes = {"training.batch_size": 4, "generator.width": 2, "discriminator.width": 2, "log.scalars_every": 1}
    config = configure("wgan-gp", "cpu", changes, 0, Budget(8, None))
    run = tmp_path / "runs" / "run"
    module._train(run, config, data)
    assert json.loads((run / "memory.json").read_text()) > 50
    (run / "memory.json").write_text("1000000")
    module._train(run, config, data)  # finished: it ends at once
    assert json.loads((run / "memory.json").read_text()) == 1000000  # the largest of all sessions
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(RunError, match="exit code 1"):
        module._train(run, config, data)


def test_no_method_is_judged_by_what_it_learned_to_please(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compare", "--data", str(data), "--out", str(tmp_path / "out"), "--budget", "8images"]
    command += ["--features", "efficientnet-lite0", "--methods", "spade", "--set"]
    assert main([*command, *TINY, "spade.perceptual=10"]) == 2
    assert "SPADE's perceptual term pleases efficientnet-lite0, which is to judge" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_figures_show_every_run_once_and_say_what_else_it_is() -> None:
    one, two = Finished(Path("one"), {}), Finished(Path("two"), {})
    shown = [("SCGAN", one), ("Pix2Pix", two), ("SCGAN, segmentor first, then fixed", one)]
    assert once_each(shown) == [("SCGAN, here segmentor first, then fixed", one), ("Pix2Pix", two)]


def test_steps_of_the_segmentor_alone_are_not_compared() -> None:
    settings = {"segmentor.pretrain_steps": 7}
    assert pretrain_steps(with_settings(recipe("cpu"), settings).model_dump()) == 7
    assert pretrain_steps(with_settings(recipe("cpu"), settings | {"loss.segmentation": 0.0}).model_dump()) == 0
    assert pretrain_steps(with_settings(recipe("cpu", "pix2pix"), {}).model_dump()) == 0
