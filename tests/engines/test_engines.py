"""Engines generate the images of PyTorch, within 1 of 255, for every method and every kind of mask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from same_images import assert_same_images
from scgan.engines.cache import open_cached
from scgan.engines.choose import make_engine
from scgan.engines.names import FILE_ENGINES, load_file_engine
from scgan.methods import METHODS, load_method
from scgan.models.folder import Conditions, Model
from scgan.models.trained_networks import TrainedNetworks
from scgan.recipes import recipe, with_settings
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError

CPU = "cpu"
NAMES = list(FILE_ENGINES)


def untrained(method: str = "scgan", size: int = 32, attributes: int = 3, **settings: Any) -> Model:
    """Untrained model of width 4; its last layer is wide, so that images differ and round in all directions."""
    classes = ("background", "skin", "hair")
    schema = Schema(size, classes, distinct_colors(3), tuple(f"a{index}" for index in range(attributes)))
    small = {"generator.width": 4, "generator.latent_size": 8}
    config = with_settings(recipe("paper", method), {**small, **settings})
    torch.manual_seed(0)
    generator = load_method(method).build_generator(schema, config).eval()
    for name, weight in generator.named_parameters():
        if name.startswith("to_image") and weight.dim() == 4:
            torch.nn.init.normal_(weight, std=0.2)
        if "modulation" in name:  # 0 at first
            torch.nn.init.normal_(weight, std=0.3)
    masks = np.random.default_rng(0).integers(0, 3, (2, size, size)).astype(np.uint8)
    examples = Conditions(masks, np.zeros((2, attributes), np.float32), None)
    return Model(TrainedNetworks(generator), schema, config, 1, "data", examples)


def inputs(model: Model, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    latents = random.standard_normal((len(masks), model.config.generator.latent_size), np.float32)
    return masks, latents, random.random((len(masks), model.schema.attribute_count), np.float32)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [64, 128, 256])
def test_images_of_empty_flat_and_random_masks(name: str, size: int) -> None:
    """Flat regions have a variance near zero, which magnifies the rounding of a sum."""
    pytest.importorskip(name)
    model = untrained(size=size)
    random = np.random.default_rng(0).integers(0, 3, (size, size)).astype(np.uint8)
    square = np.zeros((size, size), np.uint8)
    square[size // 4 : size // 2, size // 4 : size // 2] = 1
    masks = np.stack([np.zeros_like(random), np.ones_like(random), np.full_like(random, 2), random, square])
    engine, pytorch = (make_engine(each, model, CPU) for each in (name, "torch"))
    expected = pytorch(*inputs(model, masks))
    assert expected.std() > 10
    assert_same_images(engine(*inputs(model, masks)), expected)
    assert_same_images(engine(*(values[1:2] for values in inputs(model, masks))), expected[1:2])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("scgan", {}),
        ("scgan", {"generator.order": "reversed"}),
        ("scgan", {"generator.modulation": "adain"}),
        ("scgan", {"generator.modulation": "adain", "generator.order": "reversed"}),
        *((method, {}) for method in METHODS if method not in ("scgan", "pix2pix")),
    ],
)
def test_every_method(name: str, method: str, settings: dict[str, Any]) -> None:
    pytest.importorskip(name)
    model = untrained(method, **settings)
    engine, pytorch = (make_engine(each, model, CPU) for each in (name, "torch"))
    values = inputs(model, model.examples.segmentations)
    assert_same_images(engine(*values), pytorch(*values))


@pytest.mark.parametrize("name", NAMES)
def test_no_attributes(name: str) -> None:
    pytest.importorskip(name)
    model = untrained(attributes=0)
    values = inputs(model, model.examples.segmentations)
    assert_same_images(make_engine(name, model, CPU)(*values), make_engine("torch", model, CPU)(*values))


@pytest.mark.parametrize("name", NAMES)
def test_the_next_call_leaves_images_as_they_are(name: str) -> None:
    pytest.importorskip(name)
    model = untrained()
    engine, values = make_engine(name, model, CPU), inputs(model, model.examples.segmentations)
    images = engine(*values)
    before = images.copy()
    engine(values[0], -values[1], values[2])
    np.testing.assert_array_equal(images, before)


def test_a_network_without_translation_is_refused(tmp_path: Path) -> None:
    """Pix2Pix draws its dropout from the bytes of the latent, outside of the network."""
    pytest.importorskip("onnxruntime")
    with pytest.raises(UserError, match=r"cannot be exported to ONNX: it uses 'detach' of torch"):
        open_cached(load_file_engine("onnxruntime"), untrained("pix2pix", size=32))
