"""Weights of a model's networks as files, and networks with them. No pickle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from scgan.config import Config
from scgan.methods import load_method
from scgan.networks.segmentor import Segmentor
from scgan.schema import Schema
from scgan.utils.errors import UserError, is_out_of_memory

_USUAL_SIZES = (128, 2048, 1000)  # width, latent, attributes


def save_weights(file: Path, weights: dict[str, Tensor], half: bool) -> None:
    """Write safetensors of float32, or with ``half`` of float16; integers keep their type."""
    file.write_bytes(weights_content(weights, half))


def weights_content(weights: dict[str, Tensor], half: bool = False) -> bytes:
    """Content of the file that ``save_weights`` writes."""
    dtype = torch.float16 if half else torch.float32
    cast = {
        name: value.to("cpu", dtype if value.is_floating_point() else value.dtype) for name, value in weights.items()
    }
    return save({name: value.contiguous() for name, value in cast.items()})


def load_generator(content: bytes, file: Path, schema: Schema, config: Config) -> nn.Module:
    """Build the generator of a configuration with the weights of a safetensors file, in float32 on the CPU.

    Args:
        content: of the file.
        file: its path, for messages.
        schema, config: of the model.

    Raises:
        UserError: the file is damaged, or its weights do not fit the configuration.
    """
    method = load_method(config.method)
    sizes = (config.generator.width, config.generator.latent_size, schema.attribute_count)
    large = any(size > usual for size, usual in zip(sizes, _USUAL_SIZES, strict=True))
    return _load_network(lambda: method.build_generator(schema, config), content, file, large)


def load_segmentor(content: bytes, file: Path, schema: Schema, config: Config) -> nn.Module:
    """Build the segmentor as ``load_generator`` does the generator."""
    width = config.segmentor.width
    return _load_network(lambda: Segmentor(schema.class_count, width), content, file, width > _USUAL_SIZES[0])


def _load_network(build: Callable[[], nn.Module], content: bytes, file: Path, large: bool) -> nn.Module:
    """Build a network with weights; of an unusually large one the shapes are compared before."""
    try:
        weights = {name: value.float() for name, value in load(content).items()}
        if large:  # else half a gigabyte at most
            _compare_shapes(build, weights)
        network = build()
        network.load_state_dict(weights)
    except (SafetensorError, RuntimeError, TypeError, ValueError) as error:
        if is_out_of_memory(error):
            raise
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{file} is damaged or does not fit model.json ({reason}).") from error
    return network.eval().requires_grad_(False)


def _compare_shapes(build: Callable[[], nn.Module], weights: dict[str, Tensor]) -> None:
    """Raise torch's error if the weights do not fit the network, which takes no memory."""
    with torch.device("meta"):
        build().load_state_dict({name: torch.empty(value.shape) for name, value in weights.items()})
