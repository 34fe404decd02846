"""Fakes that the updates of one step share."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric

from scgan.data.prepared import PreparedDataset
from scgan.methods.scgan import SCGAN
from scgan.recipes import recipe, with_settings
from scgan.training.batches import Batch, Batches
from scgan.training.gradients import compute_gradients
from scgan.training.step_rng import StepRng

CPU = torch.device("cpu")


def method_and_batch(data: Path, update_every: int) -> tuple[SCGAN, Batch]:
    settings = {f"{network}.width": 4 for network in ("generator", "discriminator", "segmentor")}
    changed = {**settings, "generator.latent_size": 8, "generator.update_every": update_every}
    dataset = PreparedDataset.open(data)
    torch.manual_seed(0)
    method = SCGAN(dataset.schema, with_settings(recipe("paper", "scgan"), changed))
    return method, Batches(dataset, dataset.split("train"), 4, 0, True).read(1, slice(0, 4), CPU, torch.float32)


def gradients(method: SCGAN, batch: Batch, names: tuple[str, ...], step: int) -> list[torch.Tensor]:
    """Gradients of the generator after the updates ``names`` of a step."""
    fabric = Fabric(accelerator="cpu", devices=1)
    fabric.launch()
    for update in method.stages()[-1].updates:
        if update.name in names:
            rng = StepRng(0, step, 4, slice(0, 4), CPU, torch.float32)
            compute_gradients(fabric, method, update, batch=batch, rng=rng, stage_step=step)
    return [parameter.grad.clone() for parameter in method.generator.parameters() if parameter.grad is not None]


@pytest.mark.parametrize(("update_every", "expected"), [(1, 1), (2, 2)])
def test_a_step_that_updates_the_generator_runs_it_once(toy_data: Path, update_every: int, expected: int) -> None:
    method, batch = method_and_batch(toy_data, update_every)
    calls: list[bool] = []
    method.generator.register_forward_hook(lambda *_: calls.append(torch.is_grad_enabled()))
    gradients(method, batch, ("discriminator", "generator"), step=1)
    assert len(calls) == expected
    assert calls[0] is (update_every == 1)  # without a graph where only the discriminator reads the fakes


def test_shared_fakes_give_the_gradients_of_separate_ones(toy_data: Path) -> None:
    method, batch = method_and_batch(toy_data, 1)
    shared = gradients(method, batch, ("discriminator", "generator"), step=1)
    separate = gradients(*method_and_batch(toy_data, 1), ("generator",), step=1)
    assert len(shared) == len(separate) == len(list(method.generator.parameters()))
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(shared, separate, strict=True))


def test_fakes_of_another_batch_are_not_taken(toy_data: Path) -> None:
    method, batch = method_and_batch(toy_data, 1)
    other = batch._replace(shuffled_segmentation=batch.shuffled_segmentation.flip(0))
    gradients(method, other, ("discriminator",), step=1)
    after = gradients(method, batch, ("generator",), step=1)
    alone = gradients(*method_and_batch(toy_data, 1), ("generator",), step=1)
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(after, alone, strict=True))
