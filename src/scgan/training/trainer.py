"""The loop. It knows stages, updates and checkpoints, and never learns what a GAN is."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import Adam

from scgan.training.batches import Batch, Batches
from scgan.training.checkpoint import load_checkpoint, save_checkpoint
from scgan.training.logger import Logger
from scgan.training.step_rng import StepRng
from scgan.training.update import Method, Terms, Update, only_trainable
from scgan.utils.errors import RunError, UserError
from scgan.utils.interrupts import defer_interrupts
from scgan.utils.progress import progress


class Periodic(NamedTuple):
    """Something to do once in so many steps and at the end, on the first process only.

    Attributes:
        every: in steps.
        act: gets the step and the averaged model.
    """

    every: int
    act: Callable[[int, nn.Module], None]


class Trainer:
    """Trains a method, from the start or from its newest checkpoint.

    Args:
        fabric: launched; decides device, precision and processes.
        method: its networks are on the device.
        batches: the training data.
        folder: the run folder.
        ema_decay: of the moving average of the method's model.
        log_every, checkpoint_every, keep_checkpoints: see ``scgan.config.Log``.
        periodics: samples, model folder.
        minutes: the training ends after so many, over all its sessions; 0 sets no limit.
    """

    def __init__(
        self,
        fabric: Fabric,
        method: Method,
        batches: Batches,
        folder: Path,
        ema_decay: float,
        log_every: int,
        checkpoint_every: int,
        keep_checkpoints: int,
        periodics: Sequence[Periodic],
        minutes: float = 0.0,
    ) -> None:
        self.fabric = fabric
        self.method = method
        self.batches = batches
        self.folder = folder
        self.log_every = log_every
        self.checkpoint_every = checkpoint_every
        self.keep_checkpoints = keep_checkpoints
        self.periodics = periodics
        self.minutes = minutes
        self.average = MovingAverage(method.model, ema_decay)
        self.dtype = next(method.model.parameters()).dtype
        share = batches.batch_size // fabric.world_size
        self.positions = slice(fabric.global_rank * share, (fabric.global_rank + 1) * share)
        self.stages = method.stages()
        self.stage_index = 0
        self.stage_step = 0
        self.optimizers = self._new_optimizers()
        self.seconds = 0.0
        self._saved = self._kept = -1  # the last steps of which there are a checkpoint and all that is periodic

    def resume(self) -> bool:
        """Go back to the newest sound checkpoint; false where there is none, as in a run that was killed before it.

        Raises:
            UserError: every checkpoint is damaged, or the newest does not fit the method.
        """
        folder = self.folder / "checkpoints"
        checkpoint = load_checkpoint(folder, self.fabric.device)
        if checkpoint is None:
            return False
        try:
            self._restore(checkpoint.state)
        except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UserError(
                f"the newest checkpoint in {folder} is not one of this training ({reason}): bring back the right one, "
                "or start anew with another --out."
            ) from error
        return True

    def _restore(self, state: dict[str, Any]) -> None:
        self.stage_index, self.stage_step = state["stage_index"], state["stage_step"]
        self.seconds = state["seconds"]
        for name, network in self.method.networks.items():
            network.load_state_dict(state["networks"][name])
        for name, memory in self.method.extra_state.items():
            memory.load_state_dict(state["extra_state"][name])
        self.average.load_state_dict(state["average"])
        self.optimizers = self._new_optimizers()
        updates = self.stages[self.stage_index].updates
        for optimizer, values, update in zip(self.optimizers, state["optimizers"], updates, strict=True):
            optimizer.load_state_dict(values)
            for group in optimizer.param_groups:
                group["lr"] = update.optimizer.learning_rate  # it may have been lowered

    def run(self) -> bool:
        """Train to the end; true when it got there, false when it was stopped and has saved.

        Raises:
            RunError: a loss term or a weight became infinite or NaN.
        """
        total = sum(stage.steps for stage in self.stages)
        logger = Logger(self.folder, self.step) if self.fabric.is_global_zero else None
        bar = progress("train", total, self.step) if self.fabric.is_global_zero else nullcontext(_say_nothing)
        try:
            with defer_interrupts() as stopped, bar as advance:
                for index in range(self.stage_index, len(self.stages)):
                    if self._out_of_time():
                        break
                    if index > self.stage_index:
                        self.stage_index, self.stage_step = index, 0
                        self.optimizers = self._new_optimizers()
                    while self.stage_step < self.stages[index].steps and not self._out_of_time():
                        self._step(logger, advance)
                        if self._any(stopped()):
                            self.save()
                            return False
        finally:
            if logger:
                logger.close()
        self.save()
        if self.fabric.is_global_zero:
            for periodic in self.periodics:
                if self._kept != self.step or self.step % periodic.every:
                    periodic.act(self.step, self.average.network)
        return True

    @property
    def step(self) -> int:
        """Steps done, over all stages."""
        return sum(stage.steps for stage in self.stages[: self.stage_index]) + self.stage_step

    @property
    def images_seen(self) -> int:
        """Real images that the discriminator has read."""
        steps = sum(stage.steps for stage in self.stages[: self.stage_index] if stage.counts_images)
        if self.stages[self.stage_index].counts_images:
            steps += self.stage_step
        return steps * self.batches.batch_size

    def _step(self, logger: Logger | None, advance: Callable[[int, str], None]) -> None:
        started = time.monotonic()
        self.stage_step += 1
        step = self.step
        stage = self.stages[self.stage_index]
        batch = self.batches.read(step, self.positions, self.fabric.device, self.dtype)
        rng = StepRng(self.batches.seed, step, self.batches.batch_size, self.positions, self.fabric.device, self.dtype)
        logged: Terms = {}
        for update, optimizer in zip(stage.updates, self.optimizers, strict=True):
            if self.stage_step % update.every:
                continue
            optimizer.zero_grad()
            terms = compute_gradients(self.fabric, self.method, update, batch, rng, self.stage_step)
            _require_finite(terms, update, step, self.fabric)
            optimizer.step()
            if self.method.model in update.networks:
                self.average.update(self.method.model)
            logged |= {f"{update.name}/{name}": term for name, term in terms.items()}
        self.seconds += time.monotonic() - started
        if self.stage_step % self.log_every == 0:  # as turns are counted: else an update might never be in turn
            values = {name: float(_mean(self.fabric, term)) for name, term in logged.items()}
            if logger:
                logger.write(
                    step,
                    {"stage": stage.name, "images_seen": self.images_seen, "seconds": round(self.seconds, 3), **values},
                )
        if step % self.checkpoint_every == 0:
            self.save()
        if self.fabric.is_global_zero:
            for periodic in self.periodics:
                if step % periodic.every == 0:
                    periodic.act(step, self.average.network)
        self._kept = step
        advance(1, stage.name)

    def _out_of_time(self) -> bool:
        return bool(self.minutes) and self._any(self.seconds >= 60 * self.minutes)

    def _any(self, flag: bool) -> bool:
        """Whether it is true in any process: all must stop after the same step."""
        if self.fabric.world_size == 1:
            return flag
        return bool(_mean(self.fabric, torch.tensor(float(flag), device=self.fabric.device)) > 0)

    def save(self) -> None:
        """Write a checkpoint of this step, unless it is there.

        Raises:
            RunError: a weight is infinite or NaN.
        """
        if self._saved == self.step:
            return
        for name, network in self.method.networks.items():
            # A term shows broken weights one step late: they must not get into a checkpoint.
            if not all(bool(parameter.isfinite().all()) for parameter in network.parameters()):
                raise RunError(f"the {name}'s weights became infinite or NaN by step {self.step}; {_REMEDY}.")
        if self.fabric.is_global_zero:
            state: dict[str, Any] = {
                "stage_index": self.stage_index,
                "stage_step": self.stage_step,
                "seconds": self.seconds,
                "networks": {name: network.state_dict() for name, network in self.method.networks.items()},
                "extra_state": {name: memory.state_dict() for name, memory in self.method.extra_state.items()},
                "average": self.average.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            }
            save_checkpoint(self.folder / "checkpoints", self.step, state, self.keep_checkpoints)
        self._saved = self.step
        self.fabric.barrier()

    def _new_optimizers(self) -> list[Adam]:
        return [
            Adam(
                [parameter for network in update.networks for parameter in network.parameters()],
                lr=update.optimizer.learning_rate,
                betas=(update.optimizer.beta1, update.optimizer.beta2),
                fused=True,  # one pass over memory instead of a dozen
            )
            for update in self.stages[self.stage_index].updates
        ]


def compute_gradients(fabric: Fabric, method: Method, update: Update, batch: Batch, rng: StepRng, step: int) -> Terms:
    """Leave the gradients of one update in its networks, averaged over all processes; returns its terms.

    The average is taken here, in one message after the backward pass, instead of by a wrapper around each network: a
    loss may then use the networks as it likes (a gradient penalty differentiates twice), and equal shares of the batch
    give exactly the mean over the whole.
    """
    with only_trainable(update.networks, list(method.networks.values())):
        with fabric.autocast():
            terms = update.loss(batch, rng, step)
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
        mean = _mean(fabric, torch.cat([gradient.flatten() for gradient in gradients]))
        parts = mean.split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))
    return {name: term.detach() for name, term in terms.items()}


class MovingAverage:
    """An exponential moving average of a network's parameters.

    Args:
        network: what is followed; a copy is made.
        decay: 0 follows at once. Early on a smaller decay is used, so that the random start is forgotten.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False).eval()
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take in the present parameters."""
        self.updates += 1
        decay = min(self.decay, self.updates / (10 + self.updates))
        torch._foreach_lerp_(list(self.network.parameters()), list(network.parameters()), 1 - decay)
        for mine, theirs in zip(self.network.buffers(), network.buffers(), strict=True):
            mine.copy_(theirs)  # running statistics are averages already

    def state_dict(self) -> dict[str, Any]:
        return {"network": self.network.state_dict(), "updates": self.updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.updates = state["updates"]


def _mean(fabric: Fabric, values: Tensor) -> Tensor:
    """The mean over all processes."""
    mean = fabric.all_reduce(values, reduce_op="mean")
    assert isinstance(mean, Tensor)
    return mean


_REMEDY = (
    "--resume goes back to the last checkpoint, or to the start where there is none yet: add a smaller "
    "--….optimizer.learning_rate to it"
)


def _require_finite(terms: Terms, update: Update, step: int, fabric: Fabric) -> None:
    """Stop all processes when a term is infinite or NaN in any of them."""
    values = torch.stack([term.float() for term in terms.values()])
    if fabric.world_size > 1:
        values = _mean(fabric, values)
    for name, value in zip(terms, values.tolist(), strict=True):
        if not math.isfinite(value):
            raise RunError(f"the term {name!r} of the {update.name}'s loss became {value} at step {step}; {_REMEDY}.")


def _say_nothing(count: int, remark: str) -> None:
    pass
