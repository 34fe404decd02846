"""Model folder: weights, schema, configuration, and example conditions. No pickle, and no torch for what needs none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.config import Config
from scgan.data.prepared import PreparedDataset
from scgan.faces.landmarks import LANDMARK_COUNT
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
from scgan.models.trained_networks import Networks, read_networks
from scgan.schema import Schema
from scgan.utils.errors import UserError, is_system_fault
from scgan.utils.files import atomic_folder
from scgan.utils.npz import read_npz
from scgan.utils.spread import spread_rows

if TYPE_CHECKING:
    from torch import nn

EXAMPLE_COUNT = 16

_MAX_EXAMPLE_BYTES = 2**26


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
        networks: generator and segmentor; read when they are first used, if the model was read from a folder.
        schema: meaning of its channels.
        config: settings of its training.
        step: number of steps it was trained.
        fingerprint: fingerprint of the data it was trained on.
        examples: up to 16 conditions of the test split.
        scores: result of ``scgan evaluate``, None if it was not measured.
        about: information for people.
        generator_updates: number of updates of the generator, None if unknown.
        attribute_groups: attributes that exclude each other in the training data, with their frequencies.
        folder: that it was read from, None if it was not.
    """

    networks: Networks
    schema: Schema
    config: Config
    step: int
    fingerprint: str
    examples: Conditions
    scores: dict[str, Any] | None = None
    about: About = About()
    generator_updates: int | None = None
    attribute_groups: tuple[AttributeGroup, ...] = ()
    folder: Path | None = None

    @property
    def generator(self) -> nn.Module:
        """Generator, in float32; on the CPU when the model was read from a folder."""
        return self.networks.generator

    @property
    def segmentor(self) -> nn.Module | None:
        """Network that the generator was trained against, if it was kept; it segments photos, but cannot grade."""
        return self.networks.segmentor


def example_conditions(dataset: PreparedDataset) -> Conditions:
    """Up to 16 rows, evenly spread over the test split (over all rows where there is none)."""
    rows = dataset.rows_of("test")
    rows = rows if rows.size else np.arange(len(dataset))
    rows = rows[spread_rows(len(rows), EXAMPLE_COUNT)]
    return Conditions(
        dataset.generator_masks(rows),
        np.array(dataset.attributes[rows]),
        None if dataset.landmarks is None else np.array(dataset.landmarks[rows]),
    )


def save_model(folder: Path, model: Model, half: bool = False) -> None:
    """Write a model folder; with ``half`` the weights take half the space (float16)."""
    from scgan.models.weights import save_weights

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


def load_model(path: Path) -> Model:
    """Read a model folder, or the ``model`` folder in the folder of a training run.

    Raises:
        UserError: it is missing, damaged, or not a model folder.
    """
    folder, description = files_of(path), read_description(path)
    require_intact_files(folder, description)
    schema, config = description.schema, description.config
    return Model(
        read_networks(folder, schema, config),
        schema,
        config,
        description.step,
        description.fingerprint,
        _load_examples(folder, schema),
        description.scores,
        description.about,
        description.generator_updates,
        description.attribute_groups,
        folder,
    )


def _load_examples(folder: Path, schema: Schema) -> Conditions:
    file = folder / EXAMPLES_FILE
    names = Conditions._fields if schema.landmarks else Conditions._fields[:2]
    try:
        arrays = read_npz(file, names, _MAX_EXAMPLE_BYTES)
        examples = Conditions(arrays["segmentations"], arrays["attributes"], arrays.get("landmarks"))
    except Exception as error:  # NumPy and zipfile raise many kinds
        if is_system_fault(error):
            raise
        raise UserError(f"{file} is damaged ({error}).") from error
    count, size = len(examples.attributes), schema.image_size
    shapes = (count, size, size), (count, schema.attribute_count), (count, LANDMARK_COUNT, 2)
    if any(array is not None and array.shape != shape for array, shape in zip(examples, shapes, strict=True)):
        raise UserError(f"{file} does not fit model.json: the two were not written together.")
    schema.require_segmentation(examples.segmentations, str(file))
    return examples
