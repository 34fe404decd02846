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
from safetensors.torch import load_file
from torch import Tensor, nn

from scgan import losses
from scgan.cache import cache_folder
from scgan.config import Optimizer
from scgan.data.prepared import PreparedDataset
from scgan.errors import UserError
from scgan.methods.model_folder import save_weights
from scgan.models import find_model
from scgan.models.description import files_of
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

MASKS, ATTRIBUTES = "grader", "attribute-grader"
"""The kinds of graders, and the names of their folders in a model folder that brings them."""

_ARCHITECTURES = {MASKS: f"unet{WIDTH}", ATTRIBUTES: f"attributes{WIDTH}"}
# A change of the above must not find what an older one cached.
_VERSIONS = {kind: f"{architecture}-{STEPS}" for kind, architecture in _ARCHITECTURES.items()}
_DESCRIPTION_FILE, _WEIGHTS_FILE = "grader.json", "grader.safetensors"
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


_TRAININGS: dict[str, Callable[[Schema], GraderTraining]] = {
    MASKS: segmentation_training,
    ATTRIBUTES: attribute_training,
}


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


class GraderDescription(NamedTuple):
    """A grader's grader.json.

    Attributes:
        schema: what its classes or attributes mean.
        fingerprint: of the data that it learned from.
        step: after how many steps.
    """

    schema: Schema
    fingerprint: str
    step: int


def find_grader(kind: str, given: str | None, model: Path, fingerprint: str) -> Path | None:
    """The grader that a person named, else the one that a model brings for these data, else None.

    Args:
        kind: ``MASKS`` or ``ATTRIBUTES``.
        given: a grader's folder, or a model that brings one (as ``find_model`` takes it), or that with ``/grader``.
        model: the folder of the model that is to be judged.
        fingerprint: of the data by which it is to be judged; a grader of other data must be asked for.

    Raises:
        UserError: what was given is no grader, and no model with one.
    """
    if given is None:
        brought = _brought(kind, model)
        return brought if brought and read_grader_description(brought).fingerprint == fingerprint else None
    path = Path(given)
    if (path / _DESCRIPTION_FILE).is_file():
        return path
    of_model = path.parent if path.name in (MASKS, ATTRIBUTES) else given
    try:
        brought = _brought(kind, find_model(of_model))
    except UserError as error:
        raise UserError(f"{given} is not a grader's folder, nor a model with a grader: {error}") from error
    if brought is None:
        raise UserError(f"{of_model} brings no {kind}: `scgan push` puts one beside a model.")
    return brought


def cached_grader(kind: str, fingerprint: str) -> Path | None:
    """The grader for these data in the user's cache, if it is there."""
    folder = _cached(kind, fingerprint, None)
    return folder if folder.is_dir() else None


def copy_grader(kind: str, source: Path, target: Path) -> None:
    """Write a grader to the new folder ``target``, in half precision.

    Raises:
        UserError: ``source`` is not a sound grader of this kind.
    """
    description = read_grader_description(source)
    network = _with_weights(_TRAININGS[kind](description.schema).network, source)
    target.mkdir()
    _write_grader(target, network, description, half=True)


def load_or_train_grader(dataset: PreparedDataset, cache: Path | None = None, grader: Path | None = None) -> Grader:
    """The grader of masks for a data set: the given one, else the cached one, else one that is trained now and cached.

    Args:
        dataset: its train split is what a new grader learns from.
        cache: where graders are kept; the user's cache folder by default.
        grader: a grader's folder.

    Raises:
        UserError: ``grader`` is missing, damaged, or for other classes.
    """
    folder = grader or _trained(MASKS, dataset, cache)
    return Grader(*_open(MASKS, folder, dataset))


def load_or_train_attribute_grader(
    dataset: PreparedDataset, cache: Path | None = None, grader: Path | None = None
) -> AttributeGrader:
    """The grader of attributes for a data set: the given one, else the cached one, else one trained now and cached.

    Args:
        dataset, cache, grader: as for ``load_or_train_grader``.

    Raises:
        UserError: the data set has no attributes; ``grader`` is missing, damaged, or for other attributes.
    """
    if not dataset.schema.attribute_count:
        raise UserError(f"{dataset.path} has no attributes: there is nothing for a classifier to judge.")
    folder = grader or _trained(ATTRIBUTES, dataset, cache)
    return AttributeGrader(*_open(ATTRIBUTES, folder, dataset))


def _brought(kind: str, model: Path) -> Path | None:
    folder = files_of(model) / kind
    return folder if folder.is_dir() else None


def _cached(kind: str, fingerprint: str, cache: Path | None) -> Path:
    return (cache or cache_folder("graders")) / f"{fingerprint}-{_VERSIONS[kind]}"


def _trained(kind: str, dataset: PreparedDataset, cache: Path | None) -> Path:
    """The cached grader's folder; it is trained first when it is not there."""
    folder = _cached(kind, dataset.fingerprint, cache)
    if not folder.is_dir():
        say(f"training a grader for {dataset.path}; it is kept in {folder}")
        _train(kind, dataset, folder)
    return folder


def _open(kind: str, folder: Path, dataset: PreparedDataset) -> tuple[nn.Module, Schema, str]:
    """Network, schema and name of a grader that fits the data."""
    description = read_grader_description(folder)
    schema = description.schema
    dataset.schema.require_same(schema, str(dataset.path), str(folder))
    network = _with_weights(_TRAININGS[kind](schema).network, folder)
    return network, schema, f"{_ARCHITECTURES[kind]}-{description.step} {description.fingerprint}"


def _train(kind: str, dataset: PreparedDataset, folder: Path) -> None:
    work = folder.with_name(f"{folder.name}.training")
    fabric = Fabric(accelerator="auto", devices=1, precision=fastest_precision("auto"))  # type: ignore[arg-type]
    fabric.launch()
    torch.manual_seed(SEED)
    with fabric.init_module():
        method = _TRAININGS[kind](dataset.schema)
    batches = Batches(dataset, dataset.split("train"), BATCH_SIZE, SEED, flip=True)

    def save(step: int, network: nn.Module) -> None:
        with written_folder(folder) as partial:
            description = GraderDescription(dataset.schema, dataset.fingerprint, step)
            _write_grader(partial, network, description, half=False)

    trainer = Trainer(fabric, method, batches, work, 0.99, 50, 500, 1, [Periodic(STEPS, save)])
    if (work / "checkpoints").is_dir():
        trainer.resume()
    work.mkdir(parents=True, exist_ok=True)
    if not trainer.run():
        raise KeyboardInterrupt
    shutil.rmtree(work)


def read_grader_description(folder: Path) -> GraderDescription:
    """What a grader's folder says of it.

    Raises:
        UserError: it is no grader's folder, or damaged.
    """
    file = folder / _DESCRIPTION_FILE
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return GraderDescription(
            Schema.from_json(values["schema"], str(file)),
            str(values["data_fingerprint"]),
            int(values["step"]),
        )
    except (AttributeError, OSError, TypeError, ValueError, KeyError) as error:
        raise _unsound(folder, error) from error


def _write_grader(folder: Path, network: nn.Module, description: GraderDescription, half: bool) -> None:
    save_weights(folder / _WEIGHTS_FILE, network.state_dict(), half)
    values = {
        "schema": description.schema.to_json(),
        "data_fingerprint": description.fingerprint,
        "step": description.step,
    }
    (folder / _DESCRIPTION_FILE).write_text(json.dumps(values, indent=1), encoding="utf-8")


def _with_weights(network: nn.Module, folder: Path) -> nn.Module:
    try:
        network.load_state_dict(load_file(folder / _WEIGHTS_FILE))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _unsound(folder, error) from error
    return network.eval()


def _unsound(folder: Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0]
    return UserError(f"{folder} is not a sound grader ({reason}): remove it, a new one is trained then.")
