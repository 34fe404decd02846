"""Random numbers as a function of (seed, step, name, position in the global batch), without a state.

Resuming is therefore exact, one process and many draw the same numbers, and a run can be replayed from any step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from scgan.utils.random import generator_for
from scgan.utils.tensors import to_device


@dataclass(frozen=True)
class StepRng:
    """Random number generator of one step, for this process's part of the global batch.

    The same name always gives the same numbers: in Algorithm 1 the generator's update repeats the latents of the
    discriminator's.

    Attributes:
        seed: of the training.
        step: counted over all stages.
        batch_size: of the global batch.
        positions: this process's part of the global batch.
        device, dtype: of the returned tensors; the numbers are drawn on the CPU, so that they do not depend on the
            device.
    """

    seed: int
    step: int
    batch_size: int
    positions: slice
    device: torch.device
    dtype: torch.dtype

    def normal(self, name: str, *shape: int) -> Tensor:
        """Draw standard normal numbers (positions, *shape)."""
        return self._part(torch.randn(self.batch_size, *shape, generator=self._generator(name)))

    def uniform(self, name: str, *shape: int) -> Tensor:
        """Draw uniform numbers in [0, 1), (positions, *shape)."""
        return self._part(torch.rand(self.batch_size, *shape, generator=self._generator(name)))

    def _generator(self, name: str) -> torch.Generator:
        return generator_for(self.seed, self.step, name)

    def _part(self, numbers: Tensor) -> Tensor:
        return to_device(numbers[self.positions], self.device).to(self.dtype)
