"""Exponential moving average of weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from scgan.training.ema import EMA


class Number(nn.Module):
    """Network with one parameter and one buffer."""

    count: torch.Tensor

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.tensor([value]))
        self.register_buffer("count", torch.zeros(1))


def test_values_by_hand() -> None:
    network = Number(0.0)
    ema = EMA(network, 0.9)
    expected = 0.0
    for count, value in enumerate([11.0, 5.0, -3.0], start=1):
        network.value.data.fill_(value)
        ema.update_parameters(network)
        decay = min(0.9, count / (10 + count))
        expected = decay * expected + (1 - decay) * value
        assert ema.module.value.item() == pytest.approx(expected)


def test_initial_weights_are_soon_forgotten_and_later_ones_slowly() -> None:
    network = Number(1.0)
    ema = EMA(network, 0.99)
    network.value.data.fill_(0.0)
    for _ in range(100):
        ema.update_parameters(network)
    assert ema.module.value.item() < 1e-4
    for _ in range(2000):
        ema.update_parameters(network)
    network.value.data.fill_(1.0)
    ema.update_parameters(network)
    assert ema.module.value.item() == pytest.approx(0.01)


def test_copy_is_frozen_and_evaluates_with_the_buffers_of_the_network() -> None:
    network = Number(1.0)
    ema = EMA(network, 0.99)
    network.count.fill_(7)
    ema.update_parameters(network)
    assert ema.module.count.item() == 7
    assert not ema.module.value.requires_grad and not ema.module.training
    assert network.value.requires_grad and network.training


def test_state_continues_where_it_stopped() -> None:
    network = Number(0.0)
    ema, resumed = EMA(network, 0.9), EMA(Number(5.0), 0.9)
    network.value.data.fill_(3.0)
    ema.update_parameters(network)
    resumed.load_state_dict(ema.state_dict())
    for each in (ema, resumed):
        each.update_parameters(network)
    assert torch.equal(resumed.module.value, ema.module.value) and resumed.n_averaged == ema.n_averaged == 3
