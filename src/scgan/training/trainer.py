"""Training loop: stages, updates, EMA, log, checkpoints. Losses and networks belong to the method."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.optim import Adam

from scgan.config import LogSettings
from scgan.training.batches import Batches
from scgan.training.checkpoint import load_checkpoint, save_checkpoint
from scgan.training.ema import EMA
from scgan.training.finite import REMEDY, FiniteCheck
from scgan.training.gradients import compute_gradients, mean_over_processes
from scgan.training.logger import Logger
from scgan.training.step_rng import StepRng
from scgan.training.update import Method, Terms
from scgan.utils.errors import RunError, UserError
from scgan.utils.interrupts import defer_interrupts
from scgan.utils.progress import no_progress, progress

PRETRAINING_SHARE = 0.25
"""Largest share of ``max_minutes`` for the stages before the last, so that a short training reaches that one."""


class Callback(NamedTuple):
    """Function that the first process calls at regular intervals and at the end.

    Attributes:
        every: number of steps between two calls.
        function: gets the step and the EMA of the method's model.
    """

    every: int
    function: Callable[[int, nn.Module], None]


class Trainer:
    """Trains a method, from the start or from its newest checkpoint.

    Args:
        fabric: launched; decides device, precision and processes.
        method: its networks are on the device.
        batches: the training data.
        folder: the run folder.
        log: tracker, intervals of log lines and checkpoints.
        ema_decay: decay of the EMA of the method's model.
        callbacks: samples and model folder, for example.
        max_minutes: the training ends after this time, summed over all its sessions; 0 sets no limit. Stages before
            the last end early when they have taken ``PRETRAINING_SHARE`` of it.
        settings: all settings by dotted name, for the tracker.
    """

    def __init__(
        self,
        fabric: Fabric,
        method: Method,
        batches: Batches,
        folder: Path,
        *,
        log: LogSettings,
        ema_decay: float,
        callbacks: Sequence[Callback] = (),
        max_minutes: float = 0.0,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.fabric = fabric
        self.method = method
        self.batches = batches
        self.folder = folder
        self.log = log
        self.callbacks = callbacks
        self.max_minutes = max_minutes
        self.settings = settings
        self.ema = EMA(method.model, ema_decay)
        self.finite = FiniteCheck(fabric, at_once=fabric.device.type == "cpu")
        self.dtype = next(method.model.parameters()).dtype
        share = batches.batch_size // fabric.world_size
        self.positions = slice(fabric.global_rank * share, (fabric.global_rank + 1) * share)
        self.stages = method.stages()
        self.stage_index = 0
        self.stage_step = 0
        self.optimizers = self._new_optimizers()
        self.seconds = 0.0
        self._saved_step = -1  # of the newest checkpoint that this session wrote
        self._finished_step = -1  # the last step whose callbacks have run

    def resume(self) -> bool:
        """Restore the newest intact checkpoint.

        Returns:
            False where there is no checkpoint: the run was killed before its first.

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
                f"the newest checkpoint in {folder} does not belong to this training ({reason}): restore the right "
                "one, or start from scratch with another --out."
            ) from error
        return True

    def run(self) -> bool:
        """Train to the end.

        Returns:
            True at the end; false when Ctrl-C stopped the training after a checkpoint was saved.

        Raises:
            RunError: a loss term or a weight became infinite or NaN.
        """
        logger = self._open_logger() if self.fabric.is_global_zero else None
        bar = self._progress() if self.fabric.is_global_zero else no_progress()
        try:
            with defer_interrupts() as interrupted, bar as advance:
                if self.step:  # a kill may have come between the checkpoint of this step and its callbacks
                    self._call([callback for callback in self.callbacks if self.step % callback.every == 0])
                complete = self._run_stages(logger, interrupted, advance)
                self.save()
        finally:
            if logger:
                logger.close()
        if complete:
            finished = self._finished_step == self.step
            self._call([callback for callback in self.callbacks if not finished or self.step % callback.every])
        return complete

    def _open_logger(self) -> Logger:
        return Logger(self.folder, self.step, self.log.tracker, self.settings)

    @property
    def step(self) -> int:
        """Number of finished steps, over all stages."""
        return sum(stage.steps for stage in self.stages[: self.stage_index]) + self.stage_step

    @property
    def images_seen(self) -> int:
        """Number of real images that the discriminator has read."""
        steps = sum(stage.steps for stage in self.stages[: self.stage_index] if stage.counts_images)
        if self.stages[self.stage_index].counts_images:
            steps += self.stage_step
        return steps * self.batches.batch_size

    def save(self, folder: Path | None = None) -> None:
        """Write a checkpoint of this step if there is none; ``folder`` is the run folder while it has another name.

        Raises:
            RunError: a weight is infinite or NaN.
        """
        if self._saved_step == self.step:
            return
        if folder is None:
            self._require_folder()
        self.finite.read()
        for name, network in self.method.networks.items():
            # Broken weights appear in the terms one step late: they must not get into a checkpoint.
            if not all(bool(parameter.isfinite().all()) for parameter in network.parameters()):
                raise RunError(f"the {name}'s weights became infinite or NaN by step {self.step}; {REMEDY}.")
        if self.fabric.is_global_zero:
            save_checkpoint(
                (folder or self.folder) / "checkpoints", self.step, self._state(), self.log.keep_checkpoints
            )
        self._saved_step = self.step
        self.fabric.barrier()

    def _run_stages(
        self, logger: Logger | None, interrupted: Callable[[], bool], advance: Callable[[int, str], None]
    ) -> bool:
        """Run all steps that are left; false when interrupted."""
        while True:
            stage = self.stages[self.stage_index]
            while self.stage_step < stage.steps and not self._out_of_time():
                before = self._position()
                self._run_step(logger)
                remark = f"{stage.name}, step {self.step}" if self.max_minutes else stage.name
                advance(self._position() - before, remark)
                if self._any(interrupted()):
                    return False
            if self.stage_index == len(self.stages) - 1:
                return True
            self.stages[self.stage_index] = stage._replace(steps=self.stage_step)
            self.stage_index, self.stage_step = self.stage_index + 1, 0
            self.optimizers = self._new_optimizers()

    def _progress(self) -> AbstractContextManager[Callable[[int, str], None]]:
        """Progress in steps, or in seconds where minutes limit the training."""
        if self.max_minutes:
            return progress("train (seconds)", self._max_seconds(), self._position())
        return progress("train", sum(stage.steps for stage in self.stages), self._position())

    def _position(self) -> int:
        # The last step may end after the limit.
        return min(int(self.seconds), self._max_seconds()) if self.max_minutes else self.step

    def _max_seconds(self) -> int:
        return round(60 * (self.max_minutes or 0))

    def _run_step(self, logger: Logger | None) -> None:
        started = time.monotonic()
        self.stage_step += 1
        step = self.step
        batch = self.batches.read(step, self.positions, self.fabric.device, self.dtype)
        rng = StepRng(self.batches.seed, step, self.batches.batch_size, self.positions, self.fabric.device, self.dtype)
        logged: Terms = {}
        for update, optimizer in zip(self.stages[self.stage_index].updates, self.optimizers, strict=True):
            if self.stage_step % update.every:
                continue
            optimizer.zero_grad()
            terms = compute_gradients(
                self.fabric, self.method, update, batch=batch, rng=rng, stage_step=self.stage_step
            )
            self.finite.add(update.name, step, terms)
            optimizer.step()
            if self.method.model in update.networks:
                self.ema.update_parameters(self.method.model)
            logged |= {f"{update.name}/{name}": term for name, term in terms.items()}
        self.seconds += time.monotonic() - started
        # Counted within the stage, as updates are: otherwise the lines might always miss an update.
        if self.stage_step % self.log.scalars_every == 0:
            self._log(logger, logged)
        if step % self.log.checkpoint_every == 0:
            self.save()
        self._call([callback for callback in self.callbacks if step % callback.every == 0])
        self._finished_step = step

    def _log(self, logger: Logger | None, terms: Terms) -> None:
        self.finite.read()
        values = {name: float(mean_over_processes(self.fabric, term)) for name, term in terms.items()}
        if logger:
            stage = self.stages[self.stage_index].name
            seconds = round(self.seconds, 3)
            logger.write(self.step, {"stage": stage, "images_seen": self.images_seen, "seconds": seconds, **values})

    def _require_folder(self) -> None:
        """Notice a run folder that is gone: what is written now would make a new one that cannot be used."""
        if self.fabric.is_global_zero and not self.folder.is_dir():
            raise RunError(
                f"{self.folder} was removed or renamed during the training: resume a renamed run by its new name, "
                "start a removed one again."
            )

    def _call(self, callbacks: Sequence[Callback]) -> None:
        if callbacks:
            self.finite.read()
            self._require_folder()
        if self.fabric.is_global_zero:
            for callback in callbacks:
                callback.function(self.step, self.ema.module)

    def _out_of_time(self) -> bool:
        """True when the stage has used up its time."""
        share = 1 if self.stage_index == len(self.stages) - 1 else PRETRAINING_SHARE
        return bool(self.max_minutes) and self._any(self.seconds >= 60 * self.max_minutes * share)

    def _any(self, flag: bool) -> bool:
        """True in all processes if it is true in one: all must stop after the same step."""
        if self.fabric.world_size == 1:
            return flag
        return bool(mean_over_processes(self.fabric, torch.tensor(float(flag), device=self.fabric.device)) > 0)

    def _state(self) -> dict[str, Any]:
        return {
            "stage_index": self.stage_index,
            "finished_stages": [stage.steps for stage in self.stages[: self.stage_index]],
            "stage_step": self.stage_step,
            "seconds": self.seconds,
            "networks": {name: network.state_dict() for name, network in self.method.networks.items()},
            "extra_state": {name: value.state_dict() for name, value in self.method.extra_state.items()},
            "ema": self.ema.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }

    def _restore(self, state: dict[str, Any]) -> None:
        self.stage_index, self.stage_step = state["stage_index"], state["stage_step"]
        for index, steps in enumerate(state["finished_stages"]):
            self.stages[index] = self.stages[index]._replace(steps=steps)
        self.seconds = state["seconds"]
        for name, network in self.method.networks.items():
            network.load_state_dict(state["networks"][name])
        for name, value in self.method.extra_state.items():
            value.load_state_dict(state["extra_state"][name])
        self.ema.load_state_dict(state["ema"])
        self.optimizers = self._new_optimizers()
        updates = self.stages[self.stage_index].updates
        for optimizer, values, update in zip(self.optimizers, state["optimizers"], updates, strict=True):
            optimizer.load_state_dict(values)
            for group in optimizer.param_groups:
                group["lr"] = update.optimizer.learning_rate  # the setting may have changed

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
