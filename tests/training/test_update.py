"""Interface between methods and the trainer."""

from __future__ import annotations

import pytest
from torch import nn

from scgan.training.update import only_trainable


def test_all_networks_are_trainable_again_after_an_error() -> None:
    a, b = nn.Linear(1, 1), nn.Linear(1, 1)
    with pytest.raises(KeyError), only_trainable([a], [a, b]):
        assert a.weight.requires_grad and not b.weight.requires_grad
        raise KeyError
    assert a.weight.requires_grad and b.weight.requires_grad
