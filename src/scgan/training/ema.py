"""Exponential moving average (EMA) of a network's weights."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn


class EMA(nn.Module):
    """Copy of a network that follows its weights: ``ema.update_parameters(network)`` after each of its updates.

    The copy, ``module``, is in evaluation mode. Its buffers equal those of the network: running statistics are
    averages already. ``torch.optim.swa_utils.AveragedModel`` does the same, but reads its counter from the GPU at each
    update, which waits for all work before it; this counter is on the CPU.

    Args:
        network: the network to follow.
        decay: share of the old average that an update keeps; 0 copies the weights. Update n keeps at most
            n / (10 + n), so that the initial weights are soon forgotten.

    Attributes:
        module: the copy.
        n_averaged: int64, number of weights in the average; the initial ones count as one.
    """

    n_averaged: Tensor

    def __init__(self, network: nn.Module, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.module = deepcopy(network).requires_grad_(False).eval()
        self.register_buffer("n_averaged", torch.tensor(1, device="cpu"))

    @torch.no_grad()
    def update_parameters(self, network: nn.Module) -> None:
        """Take the present weights and buffers of ``network`` into the average."""
        count = int(self.n_averaged)
        averages: list[Tensor] = list(self.module.parameters())
        weights: list[Tensor] = list(network.parameters())
        torch._foreach_lerp_(averages, weights, 1 - min(self.decay, count / (10 + count)))
        for copied, buffer in zip(self.module.buffers(), network.buffers(), strict=True):
            copied.copy_(buffer)
        self.n_averaged += 1

    @property
    def update_count(self) -> int:
        """Number of updates that the average has followed."""
        return int(self.n_averaged) - 1
