"""Check that no loss term became infinite or NaN."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor

from scgan.training.gradients import mean_over_processes
from scgan.training.update import Terms
from scgan.utils.errors import RunError

REMEDY = (
    "--resume goes back to the last checkpoint, or to the start where there is none yet: add a smaller "
    "--….optimizer.learning_rate to it"
)


class _Values(NamedTuple):
    """Terms of one update: (n,) means over all processes, on the device."""

    update: str
    step: int
    names: tuple[str, ...]
    values: Tensor


class FiniteCheck:
    """Collects the terms of all updates and reads them together: reading a value from a GPU waits for the GPU.

    Args:
        fabric: all processes stop when a term is infinite or NaN in any of them.
        at_once: read each update when it is added; costs nothing on a CPU.
    """

    def __init__(self, fabric: Fabric, at_once: bool) -> None:
        self.fabric = fabric
        self.at_once = at_once
        self._unread: list[_Values] = []

    def add(self, update: str, step: int, terms: Terms) -> None:
        """Add the terms of an update, detached.

        Raises:
            RunError: a term is infinite or NaN (with ``at_once``).
        """
        means = mean_over_processes(self.fabric, torch.stack([term.float() for term in terms.values()]))
        self._unread.append(_Values(update, step, tuple(terms), means))
        if self.at_once:
            self.read()

    def read(self) -> None:
        """Read all terms that were added since the last call.

        Raises:
            RunError: a term is infinite or NaN; names the first.
        """
        if not self._unread:
            return
        unread, self._unread = self._unread, []
        numbers = torch.cat([each.values for each in unread]).tolist()
        for update, step, names, values in unread:
            for name, number in zip(names, numbers[: len(values)], strict=True):
                if not math.isfinite(number):
                    raise RunError(
                        f"the term {name!r} of the {update}'s loss became {number} at step {step}; {REMEDY}."
                    )
            numbers = numbers[len(values) :]
