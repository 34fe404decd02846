"""Trained encoder of one model: its folder, beside the model or in the user's cache, and its estimates."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from scgan.models.digest import model_digest
from scgan.models.folder import Model, load_model
from scgan.models.network_folder import describe_reason, load_network, read_values, write_network
from scgan.networks.encoder import Encoder
from scgan.utils.cache import cache_folder
from scgan.utils.errors import UserError
from scgan.utils.progress import say
from scgan.utils.tensors import images_to_tensor, one_hot

NAME = "encoder"
"""Folder of the encoder in a model folder, and part of the names of its files."""

_WIDTH = 16


class Estimate(NamedTuple):
    """Estimate of an encoder for one image.

    Attributes:
        latent: float32 (n_z,), with mean square 1.
        attributes: float32 (n_c,) in [0, 1].
    """

    latent: NDArray[np.float32]
    attributes: NDArray[np.float32]


class TrainedEncoder(NamedTuple):
    """Encoder of one model.

    Attributes:
        network: ``Encoder``, on the CPU.
        class_count: n_s.
        folder: that it was read from.
    """

    network: nn.Module
    class_count: int
    folder: Path

    @torch.inference_mode()
    def __call__(self, image: NDArray[np.uint8], segmentation: NDArray[np.uint8]) -> Estimate:
        """Estimate latent and attributes of an image (H, W, 3) with the mask (H, W)."""
        classes = torch.from_numpy(segmentation.astype(np.int64))[None]
        device = torch.device("cpu")
        latent, logits = self.network(
            images_to_tensor(np.array(image)[None], device, torch.float32),
            one_hot(classes, self.class_count, torch.float32),
        )
        return Estimate(latent[0].numpy(), logits[0].sigmoid().numpy())


def build_encoder(model: Model) -> Encoder:
    """Build the untrained encoder of a model."""
    schema, latent_size = model.schema, model.config.generator.latent_size
    return Encoder(schema.image_size, schema.class_count, latent_size, schema.attribute_count, width=_WIDTH)


def encoder_cache(model: Model) -> Path:
    """Name the folder of a model's encoder in the user's cache; it need not exist yet."""
    return cache_folder("encoders") / f"{model_digest(model)}-{NAME}{_WIDTH}"


def find_encoder(model: Model) -> Path | None:
    """Find the folder of a model's encoder: the one in the model's folder, else in the user's cache; None without.

    An encoder in the model's folder that was trained for another model is left out, with a sentence.

    Raises:
        UserError: it is damaged.
    """
    beside = None if model.folder is None else model.folder / NAME
    if beside is not None and beside.is_dir():
        if _read_digests(beside)[0] == model_digest(model):
            return beside
        say(f"{beside} was trained for another model and is not used: train it again with --overwrite.")
    cached = encoder_cache(model)
    return cached if cached.is_dir() else None


def load_encoder(model: Model) -> TrainedEncoder | None:
    """Load the encoder of a model; None if there is none.

    Raises:
        UserError: it is damaged.
    """
    folder = find_encoder(model)
    if folder is None:
        return None
    model_of, digest = _read_digests(folder)
    try:
        if model_of != model_digest(model):
            raise ValueError("it was trained for another model")
        network = load_network(folder, NAME, build_encoder(model), digest)
    except ValueError as error:
        raise _damaged(folder, error) from error
    return TrainedEncoder(network.requires_grad_(False), model.schema.class_count, folder)


def write_encoder(folder: Path, model: Model, network: nn.Module, step: int) -> None:
    """Write the files of an encoder into ``folder``, in half precision."""
    write_network(folder, NAME, network, {"model": model_digest(model), "step": step}, half=True)


def copy_encoder(model: Model, target: Path) -> None:
    """Copy the encoder of a model, if there is one, into the model folder ``target`` of the same generator.

    The generator there may be rounded to half precision, so that it has another digest.

    Raises:
        UserError: an encoder or ``target`` is damaged.
    """
    encoder = load_encoder(model)
    if encoder is None:
        return
    (target / NAME).mkdir()
    write_encoder(target / NAME, load_model(target), encoder.network, int(read_values(encoder.folder, NAME)["step"]))


def _read_digests(folder: Path) -> tuple[str, str]:
    """Read the digests of the model and of the weights."""
    try:
        values = read_values(folder, NAME)
        return str(values["model"]), str(values["weights"])
    except (ArithmeticError, KeyError, TypeError, UserError, ValueError) as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> UserError:
    return UserError(
        f"{folder} is damaged or not an encoder's folder ({describe_reason(error)}): remove it, or train it again with "
        "`scgan train-encoder`."
    )
