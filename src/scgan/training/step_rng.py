"""Randomness as a function of (seed, step, name, position in the global batch), not as a state.

Resuming is therefore exact, one process and many see the same numbers, and a run can be replayed from any step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from scgan.utils.random import generator_for


@dataclass(frozen=True)
class StepRng:
    """The random numbers of one step for this process's part of the global batch.

    The same name gives the same numbers again: Algorithm 1 shows the generator the latents that the critic saw.

    Attributes:
        seed: the training's.
        step: counted over all stages.
        batch_size: of the global batch.
        positions: this process's part of it.
        device, dtype: of what is returned; the numbers are drawn on the CPU so that every device sees the same.
    """

    seed: int
    step: int
    batch_size: int
    positions: slice
    device: torch.device
    dtype: torch.dtype

    def normal(self, name: str, *shape: int) -> Tensor:
        """Standard normal numbers (positions, *shape)."""
        return self._part(torch.randn(self.batch_size, *shape, generator=self._generator(name)))

    def uniform(self, name: str, *shape: int) -> Tensor:
        """Uniform numbers in [0, 1), (positions, *shape)."""
        return self._part(torch.rand(self.batch_size, *shape, generator=self._generator(name)))

    def _generator(self, name: str) -> torch.Generator:
        return generator_for(self.seed, self.step, name)

    def _part(self, numbers: Tensor) -> Tensor:
        return numbers[self.positions].to(self.device, self.dtype)
