"""How graders are trained: on noisy, flipped, shifted real images of the training split."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from scgan import losses
from scgan.config import Optimizer
from scgan.data.prepared import PreparedDataset
from scgan.networks.classifier import AttributeClassifier
from scgan.networks.unet import UNet
from scgan.schema import Schema
from scgan.training.augmentation import shifted
from scgan.training.batches import Batch, Batches
from scgan.training.step_rng import StepRng
from scgan.training.trainer import Periodic, Trainer
from scgan.training.update import Stage, Stateful, Terms, Update
from scgan.utils.devices import fastest_precision
from scgan.utils.errors import UserError

WIDTH = 16
STEPS = 1200
BATCH_SIZE = 16
SEED = 1009  # not one that a person would give to a generator
INPUT_NOISE = 0.1  # standard deviation, images in [-1, 1]
MAX_SHIFT = 1 / 16  # of the image size


class GraderTraining:
    """The method that trains a grader: one network, one loss, on noisy, flipped, shifted real images.

    Args:
        network: the grader.
        loss: from what it says about images, and the batch with the shifted masks, to a scalar.
    """

    def __init__(self, network: nn.Module, loss: Callable[[Tensor, Batch], Tensor]) -> None:
        self.network = network
        self._loss = loss
        self.networks: dict[str, nn.Module] = {"grader": network}
        self.extra_state: dict[str, Stateful] = {}

    @property
    def model(self) -> nn.Module:
        return self.network

    def stages(self) -> list[Stage]:
        update = Update("grader", [self.network], self.loss, Optimizer(learning_rate=2e-3, beta1=0.9, beta2=0.99))
        return [Stage("grader", STEPS, [update], counts_images=False)]

    def loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """That of noisy, shifted images; the batch is flipped already."""
        amount = rng.uniform("shift", 2)
        image = shifted(batch.image, amount, MAX_SHIFT)
        segmentation = shifted(batch.segmentation[:, None], amount, MAX_SHIFT)[:, 0]
        image = image + INPUT_NOISE * rng.normal("image", *image.shape[1:])
        return {"grader": self._loss(self.network(image), batch._replace(segmentation=segmentation))}


def segmentation_training(schema: Schema) -> GraderTraining:
    """A grader of masks: cross-entropy."""
    return GraderTraining(
        UNet(schema.class_count, WIDTH), lambda logits, batch: losses.segmentation_loss(logits, batch.segmentation)
    )


def attribute_training(schema: Schema) -> GraderTraining:
    """A grader of attributes: binary cross-entropy."""
    return GraderTraining(
        AttributeClassifier(schema.image_size, schema.attribute_count, WIDTH),
        lambda logits, batch: losses.classification_loss(logits, batch.attributes),
    )


def train_grader(
    training: Callable[[Schema], GraderTraining],
    dataset: PreparedDataset,
    work: Path,
    save: Callable[[int, nn.Module], None],
) -> None:
    """Train a grader on a data set's training split, from the checkpoint in ``work`` where there is one.

    Args:
        training: ``segmentation_training`` or ``attribute_training``.
        dataset: what it learns from.
        work: the folder for checkpoints.
        save: gets the step and the network at the end.

    Raises:
        UserError: it has too few items.
        KeyboardInterrupt: it was stopped, and has saved its checkpoint.
    """
    rows = dataset.split("train")
    if len(rows) < BATCH_SIZE:
        raise UserError(
            f"{dataset.path} has {len(rows)} training items, and a grader needs {BATCH_SIZE} to learn from: prepare "
            "more, or name a grader that is trained already."
        )
    fabric = Fabric(accelerator="auto", devices=1, precision=fastest_precision("auto"))  # type: ignore[arg-type]
    fabric.launch()
    torch.manual_seed(SEED)
    with fabric.init_module():
        method = training(dataset.schema)
    batches = Batches(dataset, rows, BATCH_SIZE, SEED, flip=True)
    trainer = Trainer(fabric, method, batches, work, 0.99, 50, 500, 1, [Periodic(STEPS, save)])
    if (work / "checkpoints").is_dir():
        trainer.resume()
    work.mkdir(parents=True, exist_ok=True)
    if not trainer.run():
        raise KeyboardInterrupt
