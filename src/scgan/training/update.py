"""What a method tells the trainer: which networks move, by which loss, how often, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from torch import Tensor, nn

from scgan.config import Optimizer
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng

Terms = dict[str, Tensor]


class Update(NamedTuple):
    """One descent.

    Attributes:
        name: for the log.
        networks: what it moves; the parameters of all others are frozen meanwhile.
        loss: from batch, rng and step (of the stage, from 1) to named scalars, already weighted; their sum descends.
        optimizer: its own Adam.
        every: it has its turn once in so many steps.
    """

    name: str
    networks: Sequence[nn.Module]
    loss: Callable[[Batch, StepRng, int], Terms]
    optimizer: Optimizer
    every: int = 1


class Stage(NamedTuple):
    """A part of the training with updates of its own ("segmentor first").

    Attributes:
        name: for the log.
        steps: how many passes.
        updates: in order.
        counts_images: whether its batches count as "images seen" (real images read by the discriminator).
    """

    name: str
    steps: int
    updates: Sequence[Update]
    counts_images: bool = True


class Memory(Protocol):
    """What a method must remember besides its networks."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Method(Protocol):
    """A method as the trainer sees it.

    Attributes:
        networks: all of them, by name; they are saved in the checkpoints.
        model: the one whose moving average is what the training is for.
        memories: what else goes into the checkpoints.
    """

    networks: dict[str, nn.Module]

    @property
    def model(self) -> nn.Module: ...

    memories: dict[str, Memory]

    def stages(self) -> list[Stage]: ...


@contextmanager
def only_trainable(networks: Sequence[nn.Module], all_networks: Sequence[nn.Module]) -> Iterator[None]:
    """Within, gradients reach the parameters of ``networks`` only."""
    for network in all_networks:
        network.requires_grad_(False)
    for network in networks:
        network.requires_grad_(True)
    try:
        yield
    finally:
        for network in all_networks:
            network.requires_grad_(True)
