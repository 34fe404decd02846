"""Warm starts from another training's networks: loaded weights, refused models, and resumed runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from scgan.cli import main
from scgan.config import Config
from scgan.data.prepare.prepare import prepare
from scgan.data.sources.toyfaces import ToyFaces
from scgan.models.folder import load_model, save_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.recipes import recipe, with_settings
from scgan.runs.train import train
from scgan.training.trainer import Trainer
from scgan.utils.errors import UserError

Run = Callable[..., Path]


def state(run: Path, step: int | None = None) -> dict[str, Any]:
    folder = run / "checkpoints"
    chosen = max(folder.iterdir()) if step is None else folder / f"{step:08}"
    return torch.load(chosen / "state.pt", weights_only=True)


def require_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


@pytest.fixture
def started(toy_data: Path, tmp_path: Path, tiny: Config, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``started(model, **settings)``: a run folder before its first step, with the checkpoint of step 0."""

    def call(model: Path | str, **settings: Any) -> Path:
        config = with_settings(tiny, {name.replace("__", "."): value for name, value in settings.items()})
        with monkeypatch.context() as patch:
            patch.setattr(Trainer, "run", lambda trainer: False)
            train(toy_data, tmp_path / "new", config, init_from=str(model))
        return tmp_path / "new"

    return call


@pytest.fixture
def model_folder(whole: Path, tmp_path: Path) -> Path:
    """The model of ``whole``, in full precision and with its segmentor, away from its run."""
    return Path(shutil.copytree(whole / "model", tmp_path / "passed-on"))


def test_of_a_run_every_network_and_the_ema(whole: Path, started: Run, capfd: pytest.CaptureFixture[str]) -> None:
    run = started(whole, training__seed=5)
    assert [path.name for path in (run / "checkpoints").iterdir()] == ["00000000"]
    before, after = state(whole), state(run)
    assert set(after["networks"]) == {"generator", "discriminator", "segmentor"}
    for name, weights in after["networks"].items():
        require_equal(weights, before["networks"][name])
    require_equal(after["ema"], before["ema"])
    assert after["ema"]["n_averaged"] == before["ema"]["n_averaged"] > 0
    assert any(
        not torch.equal(value, before["ema"][f"module.{name}"])
        for name, value in before["networks"]["generator"].items()
    )
    assert (after["stage_index"], after["stage_step"], after["seconds"]) == (0, 0, 0)
    assert all(not optimizer["state"] for optimizer in after["optimizers"])
    error = capfd.readouterr().err
    assert f"starting from {whole} at step 8: its generator, discriminator, segmentor and the EMA\n" in error
    assert "the segmentor is trained alone for 2 more steps first; --segmentor.pretrain_steps 0 skips this" in error


def test_of_a_model_folder_generator_and_segmentor(
    model_folder: Path, started: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    run = started(model_folder, segmentor__pretrain_steps=0)
    after = state(run)
    generator = load_file(model_folder / "model.safetensors")
    require_equal(after["networks"]["generator"], generator)
    updates = after["ema"].pop("n_averaged")
    assert updates == 8  # as one that is under way
    require_equal(after["ema"], {f"module.{name}": value for name, value in generator.items()})
    require_equal(after["networks"]["segmentor"], load_file(model_folder / "segmentor.safetensors"))
    error = capfd.readouterr().err
    assert "at step 8: its generator, segmentor and the EMA; discriminator from scratch\n" in error
    assert "trained alone" not in error


def test_half_precision_and_no_segmentor(model_folder: Path, tmp_path: Path, started: Run) -> None:
    model = load_model(model_folder)
    save_model(tmp_path / "half", model._replace(networks=TrainedNetworks(model.generator)), half=True)
    after = state(started(tmp_path / "half"))
    half = load_file(tmp_path / "half" / "model.safetensors")
    require_equal(after["networks"]["generator"], {name: value.float() for name, value in half.items()})


def test_other_networks_depend_on_the_seed_alone(model_folder: Path, started: Run, run: Run) -> None:
    """With or without a model to start from, the same seed gives the same discriminator."""
    fresh = state(started(model_folder))["networks"]["discriminator"]
    lazy = {"discriminator__optimizer__learning_rate": 0.0, "training__steps": 1}
    require_equal(fresh, state(run("other", **lazy))["networks"]["discriminator"])


def test_the_stages_begin_from_scratch(whole: Path, toy_data: Path, tmp_path: Path, tiny: Config) -> None:
    assert train(toy_data, tmp_path / "new", tiny, init_from=str(whole))
    lines = [json.loads(line) for line in (tmp_path / "new" / "log.jsonl").read_text().splitlines()]
    assert [(line["step"], line["stage"]) for line in lines[:3]] == [
        (1, "pretraining"),
        (2, "pretraining"),
        (3, "adversarial"),
    ]
    assert lines[-1]["step"] == 8


def test_where_it_comes_from_is_recorded(
    whole: Path, toy_data: Path, tmp_path: Path, tiny: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    config = with_settings(tiny, {"training.steps": 1, "segmentor.pretrain_steps": 0})
    assert train(toy_data, tmp_path / "second", config, init_from=str(whole))
    fingerprint = json.loads((toy_data / "dataset.json").read_text())["fingerprint"]
    digest = (whole / "checkpoints" / "00000008" / "sha256").read_text()[:16]
    first = {"model": str(whole), "step": 8, "data_fingerprint": fingerprint, "digest": digest, "features": []}
    (origin,) = json.loads((tmp_path / "second" / "data.json").read_text())["started_from"]
    assert origin.pop("seconds") > 0 and origin == first

    # The model records it too, without paths of this machine; so do models that start from it.
    (origin,) = json.loads((tmp_path / "second" / "model" / "model.json").read_text())["about"]["started_from"]
    assert origin["model"] == "whole" and origin["step"] == 8
    passed_on = shutil.copytree(tmp_path / "second" / "model", tmp_path / "passed-on")
    assert train(toy_data, tmp_path / "third", config, init_from=str(passed_on))
    origins = json.loads((tmp_path / "third" / "data.json").read_text())["started_from"]
    assert [(origin["model"], origin["step"]) for origin in origins] == [("whole", 8), (str(passed_on), 1)]
    capsys.readouterr()
    assert main(["export", str(tmp_path / "third"), "--out", str(tmp_path / "third-pushed")]) == 0
    card = (tmp_path / "third-pushed" / "README.md").read_text()
    assert f"| whole | 8 | 0 minutes | {fingerprint} | {digest} |" in card
    assert "--init-from passed-on" in card and str(tmp_path) not in card


def test_a_resumed_warm_start_equals_an_uninterrupted_one(
    whole: Path, toy_data: Path, tmp_path: Path, tiny: Config
) -> None:
    """As after a kill: later checkpoints are gone, and so is the model of the warm start."""
    source, unbroken = Path(shutil.copytree(whole, tmp_path / "source")), tmp_path / "unbroken"
    changes = {"log.checkpoint_every": 3, "log.samples_every": 500, "log.keep_checkpoints": 9}
    assert train(toy_data, unbroken, with_settings(tiny, changes), init_from=str(source))
    killed = Path(shutil.copytree(unbroken, tmp_path / "killed"))
    shutil.rmtree(source)
    shutil.rmtree(killed / "model")
    for checkpoint in (killed / "checkpoints").iterdir():
        if int(checkpoint.name) > 3:
            shutil.rmtree(checkpoint)
    assert main(["train", "--out", str(killed), "--resume"]) == 0
    one, other = state(killed, 8), state(unbroken, 8)
    for name, weights in one["networks"].items():
        require_equal(weights, other["networks"][name])
    require_equal(one["ema"], other["ema"])
    assert (killed / "model" / "model.json").is_file()
    origins = [json.loads((folder / "data.json").read_text())["started_from"] for folder in (killed, unbroken)]
    assert origins[0] == origins[1] and len(origins[0]) == 1


def test_killed_before_the_first_step(whole: Path, started: Run, run: Run, toy_data: Path, tmp_path: Path) -> None:
    new = started(whole)
    run("new", resume=True)
    other = tmp_path / "other"
    assert train(toy_data, other, with_settings(recipe("paper"), json_settings(new)), init_from=str(whole))
    for name, weights in state(new)["networks"].items():
        require_equal(weights, state(other)["networks"][name])


def json_settings(run: Path) -> dict[str, Any]:
    from scgan.config import flat
    from scgan.runs.folder import load_config

    return flat(load_config(run))


def test_without_its_start_it_does_not_go_on(whole: Path, started: Run, run: Run) -> None:
    new = started(whole)
    shutil.rmtree(new / "checkpoints")
    with pytest.raises(UserError, match=r"begun with --init-from .*whole and has no checkpoint: start it again"):
        run("new", resume=True)


def test_resume_and_a_start_exclude_each_other(copy: Path, whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--out", str(copy), "--resume", "--init-from", str(whole)]) == 2
    assert "--init-from starts a new run, --resume continues one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"generator__width": 6}, r"whole does not fit this training: it was trained with --generator\.width 4, not 6"),
        ({"generator__latent_size": 9}, r"trained with --generator\.latent_size 8, not 9\.$"),
        ({"generator__order": "reversed"}, r"trained with --generator\.order step-by-step, not reversed\.$"),
        ({"discriminator__width": 6}, r"trained with --discriminator\.width 4, not 6\.$"),
        ({"segmentor__width": 6}, r"trained with --segmentor\.width 4, not 6\.$"),
        ({"loss__classification": 0.0}, r"trained with --loss\.classification 5, not 0\.$"),
        ({"method": "spade"}, r"whole was trained with --method scgan, this is spade: their networks differ"),
    ],
)
def test_what_does_not_fit_is_named(
    whole: Path, started: Run, tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        started(whole, **settings)
    assert list(tmp_path.iterdir()) == []


def test_other_weights_of_losses_fit(whole: Path, started: Run) -> None:
    run = started(whole, loss__classification=1.0, loss__segmentation=0.0)
    assert set(state(run)["networks"]) == {"generator", "discriminator"}


def test_other_data_of_the_same_kind_fit_and_others_do_not(whole: Path, tiny: Config, tmp_path: Path) -> None:
    prepare(ToyFaces(20, 32, seed=9), tmp_path / "more", processes=1)
    config = with_settings(tiny, {"training.steps": 1})
    assert train(tmp_path / "more", tmp_path / "new", config, init_from=str(whole))
    prepare(ToyFaces(4, 128), tmp_path / "large", processes=1)
    with pytest.raises(UserError, match=r"large has size 128, .*whole has size 32"):
        train(tmp_path / "large", tmp_path / "newer", config, init_from=str(whole))
    assert not (tmp_path / "newer").exists()


def test_a_refusal_leaves_what_would_have_been_replaced(whole: Path, copy: Path, toy_data: Path, tiny: Config) -> None:
    wide = with_settings(tiny, {"generator.width": 6})
    with pytest.raises(UserError, match="does not fit"):
        train(toy_data, copy, wide, overwrite=True, init_from=str(whole))
    assert (copy / "model" / "model.json").is_file() and state(copy)


@pytest.mark.parametrize(
    ("name", "message"),
    [("nowhere", "nowhere does not exist: give a model folder"), ("empty", "empty has no model.json")],
)
def test_a_start_that_is_none(
    name: str, message: str, tmp_path: Path, toy_data: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    out = tmp_path / "new"
    given = ["--data", str(toy_data), "--out", str(out), "--init-from", str(tmp_path / name)]
    assert main(["train", *arguments, *given]) == 2
    assert message in capsys.readouterr().err and not out.exists()
