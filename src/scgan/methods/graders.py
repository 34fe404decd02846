"""Graders: networks that judge, trained on real images of the training split and never shown to a generator.

A generator learns to please the segmentor it is trained against, so that one may not judge it. A grader has another
architecture and saw noisy, flipped, shifted images.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from scgan import losses
from scgan.cache import cache_folder
from scgan.config import Optimizer
from scgan.data.prepared import PreparedDataset
from scgan.errors import UserError
from scgan.networks.classifier import AttributeClassifier
from scgan.networks.unet import UNet
from scgan.outputs import written_folder
from scgan.progress import say
from scgan.schema import Batch, Schema
from scgan.training.batches import Batches, images_to_tensor
from scgan.training.noise import Noise
from scgan.training.precision import fastest_precision
from scgan.training.trainer import Periodic, Trainer
from scgan.training.update import Memory, Stage, Terms, Update

WIDTH = 16
STEPS = 1200
BATCH_SIZE = 16
SEED = 1009  # not one that a person would give to a generator
INPUT_NOISE = 0.1  # standard deviation, images in [-1, 1]
LARGEST_SHIFT = 1 / 16  # of the image size

# A change of the above must not find what an older one cached.
_VERSION = f"unet{WIDTH}-{STEPS}"
_ATTRIBUTES_VERSION = f"attributes{WIDTH}-{STEPS}"
_IMAGES_AT_ONCE = 64


class Grader(NamedTuple):
    """A trained grader.

    Attributes:
        network: UNet on the CPU.
        schema: what its classes mean.
        name: how scores call it.
    """

    network: nn.Module
    schema: Schema
    name: str

    @torch.inference_mode()
    def segment(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8 (N, H, W, 3) → the most probable class of each pixel, uint8 (N, H, W)."""
        parts = [logits.argmax(1).to(torch.uint8).numpy() for logits in _logits(self.network, images)]
        return np.concatenate(parts) if parts else np.zeros(images.shape[:3], np.uint8)


class AttributeGrader(NamedTuple):
    """A trained grader of attributes.

    Attributes:
        network: AttributeClassifier on the CPU.
        schema: what its attributes mean.
        name: how scores call it.
    """

    network: nn.Module
    schema: Schema
    name: str

    @torch.inference_mode()
    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 (N, H, W, 3) → how probable each attribute is, float32 (N, n_c) in [0, 1]."""
        parts = [logits.sigmoid().numpy() for logits in _logits(self.network, images)]
        return np.concatenate(parts) if parts else np.zeros((0, self.schema.attribute_count), np.float32)


def _logits(network: nn.Module, images: NDArray[np.uint8]) -> Iterator[Tensor]:
    for first in range(0, len(images), _IMAGES_AT_ONCE):
        part = images[first : first + _IMAGES_AT_ONCE]
        yield network(images_to_tensor(part, torch.device("cpu"), torch.float32))


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
        self.memories: dict[str, Memory] = {}

    @property
    def model(self) -> nn.Module:
        return self.network

    def stages(self) -> list[Stage]:
        update = Update("grader", [self.network], self.loss, Optimizer(learning_rate=2e-3, beta1=0.9, beta2=0.99))
        return [Stage("grader", STEPS, [update], counts_images=False)]

    def loss(self, batch: Batch, noise: Noise, step: int) -> Terms:
        """That of noisy, shifted images; the batch is flipped already."""
        image, segmentation = shift(batch.image, batch.segmentation, noise.uniform("shift", 2))
        image = image + INPUT_NOISE * noise.normal("image", *image.shape[1:])
        return {"grader": self._loss(self.network(image), batch._replace(segmentation=segmentation))}


def segmentation_training(schema: Schema) -> GraderTraining:
    """A grader of masks: cross-entropy."""
    return GraderTraining(
        UNet(schema.class_count, WIDTH), lambda logits, batch: losses.segmentation(logits, batch.segmentation)
    )


def attribute_training(schema: Schema) -> GraderTraining:
    """A grader of attributes: binary cross-entropy."""
    return GraderTraining(
        AttributeClassifier(schema.image_size, schema.attribute_count, WIDTH),
        lambda logits, batch: losses.classification(logits, batch.attributes),
    )


def shift(image: Tensor, segmentation: Tensor, amount: Tensor) -> tuple[Tensor, Tensor]:
    """Move each image with its mask by whole pixels, the border repeated.

    Args:
        image: (N, 3, H, W).
        segmentation: int64 (N, H, W).
        amount: (N, 2) in [0, 1]; 0.5 stays, 0 and 1 are the largest shifts.
    """
    height, width = image.shape[2:]
    most = round(height * LARGEST_SHIFT)
    rows, columns = ((amount * 2 - 1) * most).round().long().unbind(1)
    device = image.device
    y = (torch.arange(height, device=device)[None] + rows[:, None]).clamp(0, height - 1)[:, :, None]
    x = (torch.arange(width, device=device)[None] + columns[:, None]).clamp(0, width - 1)[:, None]
    item = torch.arange(len(image), device=device)[:, None, None]
    return image.permute(0, 2, 3, 1)[item, y, x].permute(0, 3, 1, 2), segmentation[item, y, x]


def load_or_train_grader(dataset: PreparedDataset, cache: Path | None = None, grader: Path | None = None) -> Grader:
    """The grader of masks for a data set: the given one, else the cached one, else one that is trained now and cached.

    Args:
        dataset: its train split is what a new grader learns from.
        cache: where graders are kept; the user's cache folder by default.
        grader: a grader's folder.

    Raises:
        UserError: ``grader`` is missing, damaged, or for other classes.
    """
    folder = grader or _trained(dataset, cache, _VERSION, segmentation_training)
    schema, fingerprint = _read_description(folder)
    dataset.schema.require_same(schema, str(dataset.path), str(folder))
    network = _with_weights(segmentation_training(schema).network, folder)
    return Grader(network, schema, f"{_VERSION} {fingerprint}")


def load_or_train_attribute_grader(dataset: PreparedDataset, cache: Path | None = None) -> AttributeGrader:
    """The grader of attributes for a data set: the cached one, else one that is trained now and cached.

    Raises:
        UserError: the data set has no attributes; the cached grader is damaged.
    """
    if not dataset.schema.attribute_count:
        raise UserError(f"{dataset.path} has no attributes: there is nothing for a classifier to judge.")
    folder = _trained(dataset, cache, _ATTRIBUTES_VERSION, attribute_training)
    schema, fingerprint = _read_description(folder)
    network = _with_weights(attribute_training(schema).network, folder)
    return AttributeGrader(network, schema, f"{_ATTRIBUTES_VERSION} {fingerprint}")


def _trained(
    dataset: PreparedDataset, cache: Path | None, version: str, training: Callable[[Schema], GraderTraining]
) -> Path:
    """The cached grader's folder; it is trained first when it is not there."""
    folder = (cache or cache_folder("graders")) / f"{dataset.fingerprint}-{version}"
    if not folder.is_dir():
        say(f"training a grader for {dataset.path}; it is kept in {folder}")
        _train(dataset, folder, training)
    return folder


def _train(dataset: PreparedDataset, folder: Path, training: Callable[[Schema], GraderTraining]) -> None:
    work = folder.with_name(f"{folder.name}.training")
    fabric = Fabric(accelerator="auto", devices=1, precision=fastest_precision("auto"))  # type: ignore[arg-type]
    fabric.launch()
    torch.manual_seed(SEED)
    with fabric.init_module():
        method = training(dataset.schema)
    batches = Batches(dataset, dataset.split("train"), BATCH_SIZE, SEED, flip=True)

    def save(step: int, network: nn.Module) -> None:
        with written_folder(folder) as partial:
            save_file(network.state_dict(), partial / "grader.safetensors")
            values = {"schema": dataset.schema.to_json(), "data_fingerprint": dataset.fingerprint, "step": step}
            (partial / "grader.json").write_text(json.dumps(values, indent=1), encoding="utf-8")

    trainer = Trainer(fabric, method, batches, work, 0.99, 50, 500, 1, [Periodic(STEPS, save)])
    if (work / "checkpoints").is_dir():
        trainer.resume()
    work.mkdir(parents=True, exist_ok=True)
    if not trainer.run():
        raise KeyboardInterrupt
    shutil.rmtree(work)


def _read_description(folder: Path) -> tuple[Schema, str]:
    """A grader's schema and the fingerprint of its data."""
    file = folder / "grader.json"
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return Schema.from_json(values["schema"], str(file)), str(values["data_fingerprint"])
    except (OSError, json.JSONDecodeError, KeyError) as error:
        raise _unsound(folder, error) from error


def _with_weights(network: nn.Module, folder: Path) -> nn.Module:
    try:
        network.load_state_dict(load_file(folder / "grader.safetensors"))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _unsound(folder, error) from error
    return network.eval()


def _unsound(folder: Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0]
    return UserError(f"{folder} is not a sound grader ({reason}): remove it, a new one is trained then.")
