"""A model folder: weights, what their channels mean, how they were made, and a few conditions to try. No pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from scgan.config import Config
from scgan.data.prepared import LANDMARK_COUNT, PreparedDataset
from scgan.errors import UserError
from scgan.methods import METHODS
from scgan.networks.segmentor import Segmentor
from scgan.outputs import written_folder
from scgan.schema import Schema

FORMAT = 1
EXAMPLE_COUNT = 16

_GENERATOR_FILE, _SEGMENTOR_FILE = "model.safetensors", "segmentor.safetensors"


class Conditions(NamedTuple):
    """Masks with labels, and the points they were drawn from.

    Attributes:
        segmentations: uint8 (N, H, W), class indices.
        attributes: float32 (N, n_c).
        landmarks: float32 (N, 68, 2) as fractions of width and height, or None.
    """

    segmentations: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None


class Model(NamedTuple):
    """A model folder's content.

    Attributes:
        generator: on the CPU, in float32.
        schema: what its channels mean.
        config: how it was trained.
        step: after how many steps.
        fingerprint: of the data it was trained on.
        examples: up to 16 conditions of the test split.
        scores: what ``scgan evaluate`` measured, if it did.
        segmentor: what the generator was trained against, if it was kept: it finds the classes in photos. It is no
            judge of the generator.
    """

    generator: nn.Module
    schema: Schema
    config: Config
    step: int
    fingerprint: str
    examples: Conditions
    scores: dict[str, Any] | None = None
    segmentor: nn.Module | None = None


def example_conditions(dataset: PreparedDataset) -> Conditions:
    """Up to 16 rows, evenly spread over the test split (over all rows where there is none)."""
    rows = np.flatnonzero(np.asarray(dataset.splits) == "test")
    rows = rows if rows.size else np.arange(len(dataset))
    rows = rows[np.linspace(0, len(rows) - 1, min(EXAMPLE_COUNT, len(rows))).round().astype(int)]
    return Conditions(
        np.array(dataset.segmentations[rows]),
        np.array(dataset.attributes[rows]),
        None if dataset.landmarks is None else np.array(dataset.landmarks[rows]),
    )


def save_model(folder: Path, model: Model, half: bool = False) -> None:
    """Write a model folder; with ``half`` the weights take half the space (float16)."""
    with written_folder(folder) as partial:
        dtype = torch.float16 if half else torch.float32
        for file, network in ((_GENERATOR_FILE, model.generator), (_SEGMENTOR_FILE, model.segmentor)):
            if network is not None:
                weights = network.state_dict()
                content = save({key: value.to("cpu", dtype).contiguous() for key, value in weights.items()})
                (partial / file).write_bytes(content)
        values = {
            "format": FORMAT,
            "schema": model.schema.to_json(),
            "config": model.config.to_json(),
            "step": model.step,
            "data_fingerprint": model.fingerprint,
            "scores": model.scores,
        }
        (partial / "model.json").write_text(json.dumps(values, indent=1), encoding="utf-8")
        present = {name: value for name, value in model.examples._asdict().items() if value is not None}
        np.savez_compressed(partial / "examples.npz", **present)


def load_model(path: Path) -> Model:
    """Read a model folder, or the ``model`` of a run folder.

    Raises:
        UserError: it is missing, damaged, or not a model folder.
    """
    folder = path / "model" if (path / "model" / "model.json").is_file() else path
    file = folder / "model.json"
    if not file.is_file():
        if not path.exists():
            raise UserError(f"{path} does not exist: give a model folder or the folder of a training run.")
        if (path / "config.yaml").is_file():
            raise UserError(f"{path} is a training run that has not written a model yet: let it train longer.")
        raise UserError(f"{path} has no model.json: it is neither a model folder nor the folder of a training run.")
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise UserError(f"{file} has format {values['format']}, this version of scgan reads {FORMAT}.")
        schema = Schema.from_json(values["schema"], str(file))
        config = Config.from_json(values["config"], str(file))
        step, fingerprint, scores = int(values["step"]), str(values["data_fingerprint"]), values["scores"]
        if config.method not in METHODS:
            raise UserError(f"{file} names the method {config.method!r}; known are {', '.join(METHODS)}.")
        config.check()
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{file} is damaged or was not written by scgan ({error!r}).") from error
    generator = METHODS[config.method].build_generator(schema, config)
    _load_weights(generator, folder / _GENERATOR_FILE)
    segmentor = None
    if (folder / _SEGMENTOR_FILE).is_file():
        segmentor = Segmentor(schema.class_count, config.segmentor.width)
        _load_weights(segmentor, folder / _SEGMENTOR_FILE)
    return Model(
        generator,
        schema,
        config,
        step,
        fingerprint,
        _load_examples(folder, schema),
        scores,
        segmentor,
    )


def _load_weights(network: nn.Module, file: Path) -> None:
    try:
        network.load_state_dict({name: value.float() for name, value in load_file(file).items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{file} is damaged or does not fit model.json ({reason}).") from error
    network.eval().requires_grad_(False)


def _load_examples(folder: Path, schema: Schema) -> Conditions:
    file = folder / "examples.npz"
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            examples = Conditions(
                arrays["segmentations"], arrays["attributes"], arrays["landmarks"] if schema.landmarks else None
            )
    except Exception as error:  # NumPy and zipfile raise whatever the damage makes them stumble over
        raise UserError(f"{file} is damaged ({error}).") from error
    count, size = len(examples.segmentations), schema.image_size
    shapes = (count, size, size), (count, schema.attribute_count), (count, LANDMARK_COUNT, 2)
    if any(array is not None and array.shape != shape for array, shape in zip(examples, shapes, strict=True)):
        raise UserError(f"{file} does not fit model.json: it was not written with it.")
    schema.require_segmentation(examples.segmentations, str(file))
    return examples
