"""Training of graders on noisy, flipped, shifted real images of the training split."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from scgan.config import LogSettings, OptimizerSettings
from scgan.data.prepared import PreparedDataset
from scgan.graders.folder import GraderDescription, write_grader
from scgan.graders.kinds import GraderKind
from scgan.schema import Schema
from scgan.training.augmentation import shift
from scgan.training.batches import Batch, Batches
from scgan.training.processes import launched_fabric
from scgan.training.step_rng import StepRng
from scgan.training.trainer import Trainer
from scgan.training.update import Method, Stage, Stateful, Terms, Update
from scgan.utils.devices import fastest_precision
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_folder
from scgan.utils.text import counted

STEPS = 1200
BATCH_SIZE = 16
_SEED = 1009  # unlikely to be the seed of a generator's training
_EMA_DECAY = 0.99
_INPUT_NOISE = 0.1  # standard deviation, images in [-1, 1]
_MAX_SHIFT = 1 / 16  # of the image size


class GraderMethod:
    """Method that trains a grader: one network, one loss.

    Args:
        kind: of the grader.
        schema: of the data.
        steps: of the training.
    """

    def __init__(self, kind: GraderKind, schema: Schema, steps: int = STEPS) -> None:
        self.kind = kind
        self.steps = steps
        self.network = kind.build(schema)
        self.networks: dict[str, nn.Module] = {"grader": self.network}
        self.extra_state: dict[str, Stateful] = {}

    @property
    def model(self) -> nn.Module:
        return self.network

    def stages(self) -> list[Stage]:
        optimizer = OptimizerSettings(learning_rate=2e-3, beta1=0.9, beta2=0.99)
        update = Update("grader", [self.network], self.loss, optimizer)
        return [Stage("grader", self.steps, [update], counts_images=False)]

    def loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Compute the loss on noisy, shifted images; the batch is already flipped."""
        amount = rng.uniform("shift", 2)
        image = shift(batch.image, amount, _MAX_SHIFT)
        target = shift(batch.target[:, None], amount, _MAX_SHIFT)[:, 0]
        image = image + _INPUT_NOISE * rng.normal("image", *image.shape[1:])
        return {"grader": self.kind.loss(self.network(image), batch._replace(target=target))}


def training_rows(
    dataset: PreparedDataset,
    batch_size: int = BATCH_SIZE,
    network: str = "a grader",
    remedy: str = "name a trained grader",
) -> NDArray[np.int64]:
    """Rows that a small network is trained on; errors name ``network`` and ``remedy``.

    Raises:
        UserError: the training split has fewer items than a batch.
    """
    rows = dataset.rows_of("train")
    if len(rows) < batch_size:
        raise UserError(
            f"{dataset.path} has {counted(len(rows), 'training item')}, but {network} needs at least {batch_size}: "
            f"prepare more, or {remedy}."
        )
    return rows


def train_grader(
    kind: GraderKind, dataset: PreparedDataset, folder: Path, *, steps: int = STEPS, batch_size: int = BATCH_SIZE
) -> None:
    """Train a grader on a data set's training split and write its folder.

    Checkpoints are beside ``folder``, in a folder with the suffix ``.training``; a stopped training resumes from them.

    Args:
        kind: of the grader.
        dataset: its training split is used.
        folder: the grader's new folder.
        steps: number of updates.
        batch_size: images in each.

    Raises:
        UserError: the training split has fewer items than a batch.
        KeyboardInterrupt: Ctrl-C stopped the training; a checkpoint was saved.
    """
    rows = training_rows(dataset, batch_size)
    batches = Batches(dataset, rows, batch_size, _SEED, flip=True)

    def write(partial: Path, network: nn.Module, step: int) -> None:
        write_grader(partial, network, GraderDescription(dataset.schema, dataset.fingerprint, step), half=False)

    work = folder.with_name(f"{folder.name}.training")
    if not train_folder(folder, work, lambda: GraderMethod(kind, dataset.schema, steps), batches, write):
        raise KeyboardInterrupt


def train_folder(
    folder: Path,
    work: Path,
    make_method: Callable[[], Method],
    batches: Batches,
    write: Callable[[Path, nn.Module, int], None],
) -> bool:
    """Train a small network, with checkpoints that a stopped training resumes from, and write its folder.

    Args:
        folder: the new folder, complete or absent.
        work: folder for the checkpoints, removed at the end.
        make_method: builds the method's networks, from a fixed seed.
        batches: the training data.
        write: writes a folder, from the EMA of the network and the step.

    Returns:
        False when Ctrl-C stopped the training after a checkpoint was saved.
    """
    log = LogSettings(scalars_every=50, checkpoint_every=500, keep_checkpoints=1)
    with launched_fabric("auto", fastest_precision("auto")) as fabric:
        torch.manual_seed(batches.seed)
        with fabric.init_module():
            method = make_method()
        trainer = Trainer(fabric, method, batches, work, log=log, ema_decay=_EMA_DECAY)
        trainer.resume()
        work.mkdir(parents=True, exist_ok=True)
        if not trainer.run():
            return False
    with atomic_folder(folder) as partial:
        write(partial, trainer.ema.module, trainer.step)
    shutil.rmtree(work)
    return True
