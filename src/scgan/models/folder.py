"""Model folder: weights, schema, configuration, and example conditions. No pickle."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from scgan.config import Config
from scgan.data.prepared import PreparedDataset
from scgan.faces.landmarks import LANDMARK_COUNT
from scgan.methods import load_method
from scgan.models.attribute_groups import AttributeGroup
from scgan.models.description import (
    EXAMPLES_FILE,
    GENERATOR_FILE,
    SEGMENTOR_FILE,
    About,
    Description,
    files_of,
    read_description,
    require_intact_files,
    write_description,
)
from scgan.networks.segmentor import Segmentor
from scgan.schema import Schema
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_folder
from scgan.utils.spread import spread_rows

EXAMPLE_COUNT = 16


class Conditions(NamedTuple):
    """Masks with attributes, and the landmarks they were drawn from.

    Attributes:
        segmentations: uint8 (N, H, W), class indices.
        attributes: float32 (N, n_c).
        landmarks: float32 (N, 68, 2) as fractions of width and height, or None.
    """

    segmentations: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None


class Model(NamedTuple):
    """Content of a model folder.

    Attributes:
        generator: in float32; on the CPU when it was read from a folder.
        schema: meaning of its channels.
        config: settings of its training.
        step: number of steps it was trained.
        fingerprint: fingerprint of the data it was trained on.
        examples: up to 16 conditions of the test split.
        scores: result of ``scgan evaluate``, None if it was not measured.
        segmentor: network that the generator was trained against, if it was kept; it segments photos, but cannot
            grade the generator.
        about: information for people.
        generator_updates: number of updates of the generator, None if unknown.
        attribute_groups: attributes that exclude each other in the training data, with their frequencies.
    """

    generator: nn.Module
    schema: Schema
    config: Config
    step: int
    fingerprint: str
    examples: Conditions
    scores: dict[str, Any] | None = None
    segmentor: nn.Module | None = None
    about: About = About()
    generator_updates: int | None = None
    attribute_groups: tuple[AttributeGroup, ...] = ()


def example_conditions(dataset: PreparedDataset) -> Conditions:
    """Up to 16 rows, evenly spread over the test split (over all rows where there is none)."""
    rows = np.flatnonzero(np.asarray(dataset.splits) == "test")
    rows = rows if rows.size else np.arange(len(dataset))
    rows = rows[spread_rows(len(rows), EXAMPLE_COUNT)]
    return Conditions(
        dataset.generator_masks(rows),
        np.array(dataset.attributes[rows]),
        None if dataset.landmarks is None else np.array(dataset.landmarks[rows]),
    )


def save_model(folder: Path, model: Model, half: bool = False) -> None:
    """Write a model folder; with ``half`` the weights take half the space (float16)."""
    with atomic_folder(folder) as partial:
        for file, network in ((GENERATOR_FILE, model.generator), (SEGMENTOR_FILE, model.segmentor)):
            if network is not None:
                save_weights(partial / file, network.state_dict(), half)
        present = {name: value for name, value in model.examples._asdict().items() if value is not None}
        np.savez_compressed(partial / EXAMPLES_FILE, **present)
        write_description(
            partial,
            Description(
                model.schema,
                model.config,
                model.step,
                model.fingerprint,
                model.scores,
                model.about,
                model.generator_updates,
                model.attribute_groups,
            ),
        )


def save_weights(file: Path, weights: dict[str, Tensor], half: bool) -> None:
    """Write safetensors of float32, or with ``half`` of float16; integers keep their type."""
    dtype = torch.float16 if half else torch.float32
    cast = {
        name: value.to("cpu", dtype if value.is_floating_point() else value.dtype) for name, value in weights.items()
    }
    file.write_bytes(save({name: value.contiguous() for name, value in cast.items()}))


def load_model(path: Path) -> Model:
    """Read a model folder, or the ``model`` folder in the folder of a training run.

    Raises:
        UserError: it is missing, damaged, or not a model folder.
    """
    folder, description = files_of(path), read_description(path)
    require_intact_files(folder, description)
    schema, config = description.schema, description.config
    generator = load_method(config.method).build_generator(schema, config)
    _load_weights(generator, folder / GENERATOR_FILE)
    segmentor = None
    if (folder / SEGMENTOR_FILE).is_file():
        segmentor = Segmentor(schema.class_count, config.segmentor.width)
        _load_weights(segmentor, folder / SEGMENTOR_FILE)
    return Model(
        generator,
        schema,
        config,
        description.step,
        description.fingerprint,
        _load_examples(folder, schema),
        description.scores,
        segmentor,
        description.about,
        description.generator_updates,
        description.attribute_groups,
    )


def _load_weights(network: nn.Module, file: Path) -> None:
    try:
        network.load_state_dict({name: value.float() for name, value in load_file(file).items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{file} is damaged or does not fit model.json ({reason}).") from error
    network.eval().requires_grad_(False)


def _load_examples(folder: Path, schema: Schema) -> Conditions:
    file = folder / EXAMPLES_FILE
    try:
        with file.open("rb") as stream:
            if not zipfile.is_zipfile(stream):  # NumPy would read it as a pickle
                raise ValueError("it is no archive")
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as arrays:
                examples = Conditions(
                    arrays["segmentations"], arrays["attributes"], arrays["landmarks"] if schema.landmarks else None
                )
    except Exception as error:  # NumPy and zipfile raise many kinds
        raise UserError(f"{file} is damaged ({error}).") from error
    count, size = len(examples.segmentations), schema.image_size
    shapes = (count, size, size), (count, schema.attribute_count), (count, LANDMARK_COUNT, 2)
    if any(array is not None and array.shape != shape for array, shape in zip(examples, shapes, strict=True)):
        raise UserError(f"{file} does not fit model.json: the two were not written together.")
    schema.require_segmentation(examples.segmentations, str(file))
    return examples
