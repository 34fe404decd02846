"""ONNX file of a model's generator: identity, writing, comparison with PyTorch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from scgan.engines.engine import DIGEST, Engine
from scgan.engines.pytorch import PyTorchEngine
from scgan.models.digest import model_digest
from scgan.models.folder import Model
from scgan.networks.layers import fold_upsampling
from scgan.onnx.file import write_onnx
from scgan.onnx.heads import ImageGenerator
from scgan.utils.devices import CPU
from scgan.utils.errors import UserError

MAX_DIFFERENCE = 1
"""Largest difference of an image's value between two engines, of 255."""


def write_generator(path: Path, model: Model, about: Mapping[str, str]) -> None:
    """Write a model's generator as an ONNX file.

    Its inputs are ``segmentation`` (class indices, uint8 (N, H, W)), ``latent`` (float32 (N, n_z)) and ``attributes``
    (float32 (N, n_c)), its output is ``images`` (uint8 (N, H, W, 3)); the batch size N is free.

    Args:
        path: the file.
        model: with its generator on the CPU.
        about: metadata beside the model's own.

    Raises:
        UserError: the generator does something that cannot be written; the package onnx is not installed.
    """
    schema, size = model.schema, model.schema.image_size
    inputs = {
        "segmentation": torch.zeros(1, size, size, dtype=torch.uint8),
        "latent": torch.zeros(1, model.config.generator.latent_size),
        "attributes": torch.zeros(1, schema.attribute_count),
    }
    network = ImageGenerator(fold_upsampling(model.generator), schema.class_count).eval()
    own = {DIGEST: model_digest(model), "schema": json.dumps(schema.to_json()), "step": str(model.step)}
    write_onnx(path, network, inputs, "images", {**own, **about})


def require_same_images(engine: Engine, model: Model, count: int) -> None:
    """Compare an engine with PyTorch on the first examples of a model.

    Args:
        engine: with the model's generator.
        model: the model.
        count: number of examples.

    Raises:
        UserError: a value of an image differs by more than ``MAX_DIFFERENCE``.
    """
    masks, attributes = model.examples.segmentations[:count], model.examples.attributes[:count].astype(np.float32)
    latents = np.random.default_rng(0).standard_normal((len(masks), model.config.generator.latent_size), np.float32)
    reference = PyTorchEngine(model.generator, model.schema.class_count, CPU)
    images, expected = (each(masks, latents, attributes).astype(np.int64) for each in (engine, reference))
    difference = int(np.abs(images - expected).max(initial=0))
    if difference > MAX_DIFFERENCE:
        raise UserError(
            f"{engine.name} generates images of this model that are up to {difference} of 255 off PyTorch's: use the "
            "engine torch."
        )
