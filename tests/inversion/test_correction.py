"""Corrections: sums by hand, files, errors for other generators."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from scgan import UserError
from scgan.inversion.correction import (
    corrected_generator,
    corrected_weights,
    encode_correction,
    new_correction,
    read_correction,
)


def network(inputs: int = 3) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, 2), nn.Linear(2, 2))


def test_a_new_correction_changes_nothing() -> None:
    layers = network()
    weights = corrected_weights(layers, new_correction(layers, 0))
    for name, parameter in layers.named_parameters():
        torch.testing.assert_close(weights[name], parameter)


def test_low_rank_products_are_added() -> None:
    layers = network()
    correction = new_correction(layers, 0)
    assert correction["0.weight.left"].shape == (2, 2) and correction["0.weight.right"].shape == (2, 3)
    correction["0.weight.left"] = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    correction["0.weight.right"] = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    correction["0.bias.shift"] = torch.tensor([1.0, -1.0])
    corrected = corrected_generator(layers, correction)
    change = corrected[0].weight - layers[0].weight  # type: ignore[index]
    torch.testing.assert_close(change.detach(), torch.tensor([[1.0, 2.0, 3.0], [8.0, 10.0, 12.0]]))
    torch.testing.assert_close((corrected[0].bias - layers[0].bias).detach(), torch.tensor([1.0, -1.0]))  # type: ignore[index]


def test_file(tmp_path: Path) -> None:
    layers, file = network(), tmp_path / "a.safetensors"
    correction = new_correction(layers, 3)
    file.write_bytes(encode_correction(correction))
    for name, value in read_correction(file, layers).items():
        torch.testing.assert_close(value, correction[name], atol=1e-3, rtol=1e-3)
    with pytest.raises(UserError, match="is the correction of another model"):
        read_correction(file, network(4))
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(UserError, match="is missing or damaged"):
        read_correction(file, layers)
    with pytest.raises(UserError, match="is missing or damaged"):
        read_correction(tmp_path / "none", layers)
