"""Contract of all methods in ``METHODS``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

import scgan
from scgan.config import Config, Settings, fields
from scgan.data.prepared import PreparedDataset
from scgan.methods import METHODS, load_method
from scgan.recipes import recipe, uses_setting, with_settings
from scgan.runs.train import train
from scgan.training.batches import Batches
from scgan.training.gradients import compute_gradients
from scgan.training.step_rng import StepRng

CPU = torch.device("cpu")


def config(method: str, steps: int = 2) -> Config:
    settings: dict[str, Any] = {
        "generator.width": 4,
        "generator.latent_size": 8,
        "generator.update_every": 2,
        "generator.ema_decay": 0.5,
        "discriminator.width": 4,
        "segmentor.width": 4,
        "training.steps": steps,
        "training.batch_size": 4,
        "training.accelerator": "cpu",
        "log.scalars_every": 1,
        "log.checkpoint_every": 1,
        "log.samples_every": 100,
    }
    return with_settings(recipe("paper", method), settings)


def weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.nn.utils.parameters_to_vector(network.parameters()).detach().clone()


@pytest.mark.parametrize("name", METHODS)
def test_each_update_moves_only_its_own_networks(name: str, toy_data: Path) -> None:
    torch.manual_seed(0)
    dataset = PreparedDataset.open(toy_data)
    method = load_method(name)(dataset.schema, config(name))
    batch = Batches(dataset, dataset.split("train"), 4, 0, True).read(6, slice(0, 4), CPU, torch.float32)
    rng = StepRng(0, 6, 4, slice(0, 4), CPU, torch.float32)
    fabric = Fabric(accelerator="cpu", devices=1)
    fabric.launch()
    moved: set[str] = set()
    for stage in method.stages():
        assert stage.steps > 0 and stage.updates
        for update in stage.updates:
            before = {key: weights(network) for key, network in method.networks.items()}
            parameters = [parameter for network in update.networks for parameter in network.parameters()]
            optimizer = torch.optim.Adam(parameters, lr=1e-3)
            optimizer.zero_grad()
            terms = compute_gradients(fabric, method, update, batch=batch, rng=rng, stage_step=6)
            optimizer.step()
            assert terms and all(term.ndim == 0 and term.isfinite() for term in terms.values())
            # A parameter without a gradient never learns; under several processes it would stop them.
            assert all(parameter.grad is not None for parameter in parameters)
            for key, network in method.networks.items():
                own = any(network is one for one in update.networks)
                assert torch.equal(weights(network), before[key]) != own, (update.name, key)
                moved |= {key} if own else set()
    assert moved == set(method.networks), "a network that no update moves"


class Reads:
    """Settings that record the dotted name of each value that is read."""

    def __init__(self, settings: Settings, names: set[str], prefix: str = "") -> None:
        self.settings, self.names, self.prefix = settings, names, prefix

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.settings, name)
        if isinstance(value, Settings):
            return Reads(value, self.names, f"{self.prefix}{name}.")
        self.names.add(f"{self.prefix}{name}")
        return value


@pytest.mark.parametrize("name", METHODS)
def test_unused_settings_are_those_that_are_not_read(name: str, toy_data: Path) -> None:
    dataset = PreparedDataset.open(toy_data)
    terms = {"loss.mode_seeking": 0.1, "loss.classification": 1.0, "segmentor.input_noise": 0.1}
    terms |= {"discriminator.color": 0.1, "discriminator.shift": 0.1, "discriminator.cutout": 0.1}
    names: set[str] = set()
    method = load_method(name)(dataset.schema, Reads(with_settings(config(name), terms), names))
    batch = Batches(dataset, dataset.split("train"), 4, 0, True).read(6, slice(0, 4), CPU, torch.float32)
    for stage in method.stages():
        for update in stage.updates:
            update.loss(batch, StepRng(0, 6, 4, slice(0, 4), CPU, torch.float32), 6)
    assert not [setting for setting in names if not uses_setting(name, setting)]
    groups = ("loss.", "segmentor.", "discriminator.", "generator.order")
    beside_features = {"discriminator.sees_image"}  # read with discriminator.features only
    used = {setting for setting in fields(Config) if setting.startswith(groups) and uses_setting(name, setting)}
    assert {setting for setting in used if ".optimizer." not in setting} <= names | beside_features


@pytest.mark.parametrize("name", METHODS)
def test_a_run_can_be_continued_and_its_model_used(name: str, toy_data: Path, tmp_path: Path) -> None:
    for run, lengths in (("whole", (3,)), ("parts", (1, 3))):
        for index, steps in enumerate(lengths):
            assert train(toy_data, tmp_path / run, config(name, steps), resume=index > 0)
    models = [scgan.load(tmp_path / run) for run in ("whole", "parts")]
    dataset = PreparedDataset.open(toy_data)
    inputs = dataset.segmentations[:3], dataset.attributes[:3]
    images, again = (model.generate(*inputs, seed=5) for model in models)
    assert images.shape == (3, 32, 32, 3) and images.dtype == np.uint8
    assert np.ptp(images) > 0
    np.testing.assert_array_equal(images, again)
    states = [torch.load(tmp_path / run / "checkpoints" / "00000003" / "state.pt") for run in ("whole", "parts")]
    assert states[0].pop("seconds") and states[1].pop("seconds")
    assert str(states[0]) == str(states[1])
