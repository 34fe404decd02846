"""Random numbers as a function of (seed, step, name, position)."""

from __future__ import annotations

import pytest
import torch

from scgan.training.step_rng import StepRng
from scgan.utils.random import generator_for

CPU = torch.device("cpu")


def step_rng(step: int = 5, positions: slice = slice(0, 8), seed: int = 3, batch_size: int = 8) -> StepRng:
    return StepRng(seed, step, batch_size, positions, CPU, torch.float32)


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_processes_see_slices_of_the_same_numbers(kind: str) -> None:
    numbers = getattr(step_rng(), kind)("z", 4, 2)
    parts = [getattr(step_rng(positions=slice(start, start + 2)), kind)("z", 4, 2) for start in range(0, 8, 2)]
    assert numbers.shape == (8, 4, 2)
    assert torch.equal(torch.cat(parts), numbers)


def test_the_same_key_gives_the_same_numbers_whatever_was_drawn_before() -> None:
    first = step_rng().normal("z", 4)
    torch.manual_seed(99)
    torch.rand(7)
    step_rng().uniform("epsilon")
    assert torch.equal(step_rng().normal("z", 4), first)


def test_another_seed_step_or_name_gives_other_numbers() -> None:
    draws = [step_rng().normal("z", 64), step_rng(step=6).normal("z", 64), step_rng(seed=4).normal("z", 64)]
    draws += [step_rng().normal("latent", 64)]
    flat = torch.stack(draws).flatten(1)
    correlation = torch.corrcoef(flat) - torch.eye(4)
    assert correlation.abs().max() < 0.2  # 512 numbers: independent ones stay within ±0.15


def test_keys_are_unambiguous() -> None:
    """(1, 23) and (12, 3) are different steps of different seeds."""
    assert generator_for(1, 23, "z").initial_seed() != generator_for(12, 3, "z").initial_seed()


def test_distributions() -> None:
    many = StepRng(0, 1, 1000, slice(0, 1000), CPU, torch.float64)
    normal, uniform = many.normal("a", 100), many.uniform("b", 100)
    assert normal.dtype == uniform.dtype == torch.float64
    assert abs(normal.mean().item()) < 0.02 and normal.std().item() == pytest.approx(1, abs=0.02)
    assert uniform.min() >= 0 and uniform.max() < 1 and uniform.mean().item() == pytest.approx(0.5, abs=0.01)
