"""Graders: networks that judge, trained on real images of the training split and never shown to a generator.

A generator learns to please the segmentor it is trained against, so that one may not judge it. A grader has another
architecture and saw noisy, flipped, shifted images.
"""

from __future__ import annotations

import json
import os
import shutil
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
from scgan.config import Optimizer
from scgan.data.prepared import PreparedDataset
from scgan.errors import UserError
from scgan.networks.unet import UNet
from scgan.outputs import written_folder
from scgan.progress import say
from scgan.schema import Batch, Schema
from scgan.training.batches import Batches, images_to_tensor
from scgan.training.noise import Noise
from scgan.training.trainer import Periodic, Trainer
from scgan.training.update import Memory, Stage, Terms, Update

WIDTH = 16
STEPS = 2000
BATCH_SIZE = 16
SEED = 1009  # not one that a person would give to a generator
INPUT_NOISE = 0.1  # standard deviation, images in [-1, 1]
LARGEST_SHIFT = 1 / 16  # of the image size

_VERSION = f"unet{WIDTH}-{STEPS}"  # a change of the above must not find what an older one cached
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
        parts = [
            self.network(images_to_tensor(images[first : first + _IMAGES_AT_ONCE], torch.device("cpu"), torch.float32))
            .argmax(1)
            .to(torch.uint8)
            .numpy()
            for first in range(0, len(images), _IMAGES_AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros(images.shape[:3], np.uint8)


class SegmentationGrader:
    """The method that trains a grader of masks: one network, cross-entropy on real images."""

    def __init__(self, schema: Schema) -> None:
        self.network = UNet(schema.class_count, WIDTH)
        self.networks: dict[str, nn.Module] = {"grader": self.network}
        self.memories: dict[str, Memory] = {}

    @property
    def model(self) -> nn.Module:
        return self.network

    def stages(self) -> list[Stage]:
        update = Update("grader", [self.network], self.loss, Optimizer(learning_rate=2e-3, beta1=0.9, beta2=0.99))
        return [Stage("grader", STEPS, [update], counts_images=False)]

    def loss(self, batch: Batch, noise: Noise, step: int) -> Terms:
        """Cross-entropy of noisy, shifted images; the batch is flipped already."""
        image, segmentation = shift(batch.image, batch.segmentation, noise.uniform("shift", 2))
        image = image + INPUT_NOISE * noise.normal("image", *image.shape[1:])
        return {"segmentation": losses.segmentation(self.network(image), segmentation)}


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
    """The grader for a data set: the given one, else the cached one, else one that is trained now and cached.

    Args:
        dataset: its train split is what a new grader learns from.
        cache: where graders are kept; the user's cache folder by default.
        grader: a grader's folder.

    Raises:
        UserError: ``grader`` is missing, damaged, or for other classes.
    """
    if grader is not None:
        found = _load(grader)
        dataset.schema.require_same(found.schema, str(dataset.path), str(grader))
        return found
    root = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scgan" / "graders"
    folder = root / f"{dataset.fingerprint}-{_VERSION}"
    if not folder.is_dir():
        say(f"training a grader for {dataset.path}; it is kept in {folder}")
        _train(dataset, folder)
    return _load(folder)


def _train(dataset: PreparedDataset, folder: Path) -> None:
    work = folder.with_name(f"{folder.name}.training")
    fabric = Fabric(accelerator="auto", devices=1)
    fabric.launch()
    torch.manual_seed(SEED)
    with fabric.init_module():
        method = SegmentationGrader(dataset.schema)
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


def _load(folder: Path) -> Grader:
    try:
        values = json.loads((folder / "grader.json").read_text(encoding="utf-8"))
        schema = Schema.from_json(values["schema"], str(folder / "grader.json"))
        network = UNet(schema.class_count, WIDTH)
        network.load_state_dict(load_file(folder / "grader.safetensors"))
    except (OSError, json.JSONDecodeError, KeyError, SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{folder} is not a sound grader ({reason}): remove it, a new one is trained then.") from error
    return Grader(network.eval(), schema, f"{_VERSION} {values['data_fingerprint']}")
