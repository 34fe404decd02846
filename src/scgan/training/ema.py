"""Exponential moving average (EMA) of a network's weights."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def ema_of(network: nn.Module, decay: float) -> AveragedModel:
    """Copy a network to follow its weights: ``ema.update_parameters(network)`` after each of its updates.

    The copy, ``ema.module``, is in evaluation mode. Its buffers equal those of the network: running statistics are
    averages already.

    Args:
        network: the network to follow.
        decay: share of the old average that an update keeps; 0 copies the weights. Update n keeps at most
            n / (10 + n), so that the initial weights are soon forgotten.
    """

    @torch.no_grad()
    def lerp(averages: Any, weights: Any, count: Tensor | int) -> None:
        torch._foreach_lerp_(averages, weights, 1 - min(decay, int(count) / (10 + int(count))))

    ema = AveragedModel(network, multi_avg_fn=lerp).requires_grad_(False).eval()
    ema.n_averaged.fill_(1)  # the initial weights count: at 0 AveragedModel would copy instead of average
    return ema


def update_count(ema: AveragedModel) -> int:
    """Number of updates that an EMA has followed."""
    return int(ema.n_averaged) - 1
