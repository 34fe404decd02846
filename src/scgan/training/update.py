"""Interface between a method and the trainer: updates, stages, extra state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from torch import Tensor, nn

from scgan.config import OptimizerSettings
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng

Terms = dict[str, Tensor]
"""Weighted terms of a loss by name, scalars; the loss is their sum."""


class Update(NamedTuple):
    """One optimizer step of some networks.

    Attributes:
        name: for the log.
        networks: the networks that change; the parameters of all others are frozen during the update.
        loss: computes the terms from the batch, the random numbers and the step of the stage (from 1).
        optimizer: settings of its Adam.
        every: number of steps between two runs of the update.
    """

    name: str
    networks: Sequence[nn.Module]
    loss: Callable[[Batch, StepRng, int], Terms]
    optimizer: OptimizerSettings
    every: int = 1


class Stage(NamedTuple):
    """Part of a training with its own updates, for example the pretraining of the segmentor.

    Attributes:
        name: for the log.
        steps: number of steps; each reads one batch.
        updates: run in this order at each step.
        counts_images: its batches count as "images seen" (real images that the discriminator reads).
    """

    name: str
    steps: int
    updates: Sequence[Update]
    counts_images: bool = True


class Stateful(Protocol):
    """Object whose state goes into checkpoints."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Method(Protocol):
    """Interface of a method to the trainer.

    Attributes:
        networks: all trained networks by name; checkpoints hold them.
        model: the network whose EMA is the result of the training.
        extra_state: everything else that checkpoints must hold.
    """

    networks: dict[str, nn.Module]

    @property
    def model(self) -> nn.Module: ...

    extra_state: dict[str, Stateful]

    def stages(self) -> list[Stage]: ...


@contextmanager
def only_trainable(networks: Sequence[nn.Module], all_networks: Sequence[nn.Module]) -> Iterator[None]:
    """Let gradients reach only the parameters of ``networks`` within the context."""
    for network in all_networks:
        network.requires_grad_(False)
    for network in networks:
        network.requires_grad_(True)
    try:
        yield
    finally:
        for network in all_networks:
            network.requires_grad_(True)
