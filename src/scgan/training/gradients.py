"""Gradients of one update, averaged over all processes."""

from __future__ import annotations

import torch
from lightning_fabric import Fabric
from torch import Tensor

from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.training.update import Method, Terms, Update, only_trainable


def compute_gradients(
    fabric: Fabric, method: Method, update: Update, *, batch: Batch, rng: StepRng, stage_step: int
) -> Terms:
    """Compute the gradients of one update (``.grad`` of its networks) and return its loss terms, detached.

    The average over processes is taken here, in one message after the backward pass, instead of by a wrapper around
    each network: a loss may then use the networks freely (a gradient penalty differentiates twice), and equal shares
    of the batch give exactly the mean over the whole batch.

    Args:
        fabric: decides precision and processes.
        method: owns the networks; those that the update does not change are frozen meanwhile.
        update: the update of the gradients.
        batch: this process's part of the global batch.
        rng: random numbers of the step.
        stage_step: step of the stage, from 1.
    """
    with only_trainable(update.networks, list(method.networks.values())):
        with fabric.autocast():
            terms = update.loss(batch, rng, stage_step)
        # 16-bit terms would lose small values in the sum.
        fabric.backward(
            torch.stack([term.float() if term.dtype.itemsize < 4 else term for term in terms.values()]).sum()
        )
    if fabric.world_size > 1:
        gradients = [
            parameter.grad
            for network in update.networks
            for parameter in network.parameters()
            if parameter.grad is not None
        ]
        mean = mean_over_processes(fabric, torch.cat([gradient.flatten() for gradient in gradients]))
        parts = mean.split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))
    return {name: term.detach() for name, term in terms.items()}


def mean_over_processes(fabric: Fabric, values: Tensor) -> Tensor:
    """Mean of a tensor over all processes, the same in each of them."""
    if fabric.world_size == 1:
        return values
    mean = fabric.all_reduce(values, reduce_op="mean")
    assert isinstance(mean, Tensor)
    return mean
