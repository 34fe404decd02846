"""Content of model.json: description and origin of a model, without its weights. Imports no torch for SCGAN."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from scgan.config import Config, features_used
from scgan.models.attribute_groups import AttributeGroup
from scgan.recipes import read_config
from scgan.schema import Schema
from scgan.utils.errors import UserError, describe_error, is_system_fault
from scgan.utils.json_files import JsonError, encodable, file_digest, read_json, require_encodable, seal, unseal

FORMAT = 2
FILE = "model.json"
GENERATOR_FILE, SEGMENTOR_FILE, EXAMPLES_FILE = "model.safetensors", "segmentor.safetensors", "examples.npz"

_CHECKED_FILES = (GENERATOR_FILE, SEGMENTOR_FILE, EXAMPLES_FILE)
_MAX_BYTES = 2**24


@dataclass(frozen=True)
class Origin:
    """Model whose networks a training began with (warm start).

    Attributes:
        model: its folder or name.
        step: number of steps it was trained.
        data_fingerprint: fingerprint of the data it was trained on.
        digest: first 16 hexadecimal digits of the SHA-256 of the file that its weights came from.
        seconds: time it was trained, None if unknown.
        features: names of the pretrained features that its training used.
    """

    model: str
    step: int
    data_fingerprint: str
    digest: str
    seconds: float | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class About:
    """Information about a model for people; of programs only the studio reads it, to place photos as the data were.

    Attributes:
        title: one line about the images it makes.
        data: preparation of its data, as in ``dataset.json``, with the number of items of each split if known.
        data_note: origin and license of the photos.
        seconds: time it was trained, None if unknown.
        started_from: models of its warm starts, the oldest first.
    """

    title: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    data_note: str = ""
    seconds: float | None = None
    started_from: tuple[Origin, ...] = ()


@dataclass(frozen=True)
class Description:
    """The content of a model.json.

    Attributes:
        schema: meaning of the model's channels.
        config: settings of its training.
        step: number of steps it was trained.
        fingerprint: fingerprint of the data it was trained on.
        scores: result of ``scgan evaluate``, None if it was not measured.
        about: information for people.
        generator_updates: number of updates of the generator, None if unknown.
        attribute_groups: attributes that exclude each other in the training data, with their frequencies.
        files: SHA-256 of the other files, by name; ``write_description`` computes them.
    """

    schema: Schema
    config: Config
    step: int
    fingerprint: str
    scores: dict[str, Any] | None
    about: About
    generator_updates: int | None = None
    attribute_groups: tuple[AttributeGroup, ...] = ()
    files: dict[str, str] = field(default_factory=dict)

    def features_used(self) -> dict[str, str]:
        """Pretrained features that the model's training used, or that of a model it started from.

        Returns:
            By the name of the features their use, like ``--spade.perceptual``.
        """
        used = {
            name: f"its warm start from {origin.model}"
            for origin in self.about.started_from
            for name in origin.features
        }
        return used | {name: f"--{setting}" for name, setting in features_used(self.config).items()}


class _File(BaseModel):
    """Raw content of model.json; the schema and the configuration are read by their own functions."""

    format: int
    schema_values: dict[str, Any] = Field(alias="schema")
    config: dict[str, Any]
    step: int
    data_fingerprint: str
    scores: dict[str, Any] | None
    about: About = About()
    generator_updates: int | None = None
    attribute_groups: tuple[AttributeGroup, ...] = ()
    files: dict[str, str]


def files_of(path: Path) -> Path:
    """Folder with the files of a model: ``path``, or its subfolder ``model/`` if it is a run folder.

    Raises:
        UserError: there is none.
    """
    folder = path / "model" if (path / "model" / FILE).is_file() else path
    if (folder / FILE).is_file():
        return folder
    if not path.exists():
        raise UserError(f"{path} does not exist: give a model folder or the folder of a training run.")
    if (path / "config.yaml").is_file():
        raise UserError(f"{path} is a training run that has not written a model yet: let it train longer.")
    raise UserError(f"{path} has no {FILE}: it is neither a model folder nor the folder of a training run.")


def read_description(path: Path) -> Description:
    """Read the model.json of a model folder or a run folder.

    Raises:
        UserError: it is missing, damaged, or not written by scgan.
    """
    file = files_of(path) / FILE
    try:
        raw = read_json(file, _MAX_BYTES)
        if isinstance(raw, dict) and raw.get("format", FORMAT) != FORMAT:
            raise UserError(f"{file} has format {str(raw['format'])[:20]}, this version of scgan reads {FORMAT}.")
        content = unseal(raw)
        require_encodable(content)
        values = _File.model_validate(content)
    except (JsonError, ValidationError) as error:
        reason = describe_error(error) if isinstance(error, ValidationError) else error
        raise UserError(
            f"{file} is damaged or was not written by scgan ({reason}): write or download the model again."
        ) from error
    return Description(
        Schema.from_json(values.schema_values, str(file)),
        read_config(values.config, str(file)),
        values.step,
        values.data_fingerprint,
        values.scores,
        values.about,
        values.generator_updates,
        values.attribute_groups,
        values.files,
    )


def require_intact_files(folder: Path, description: Description) -> None:
    """Check the files of a model folder against the digests in its model.json.

    Raises:
        UserError: a file is missing, was changed, or does not belong to the model; says which.
    """
    for name in _CHECKED_FILES:
        file, digest = folder / name, description.files.get(name)
        try:
            intact = file_digest(file) == digest if digest or file.exists() else True
            reason = f"it is not the file that {FILE} describes"
        except OSError as error:
            if is_system_fault(error):
                raise
            intact, reason = False, f"{error.strerror}"
        if not intact:
            raise UserError(f"{file} is damaged ({reason}): write or download the model again.")


def write_description(folder: Path, description: Description) -> None:
    """Write ``folder``/model.json, with the digests of the files that are there: it is written last."""
    values = {
        "format": FORMAT,
        "schema": description.schema.to_json(),
        "config": description.config.model_dump(),
        "step": description.step,
        "data_fingerprint": description.fingerprint,
        "scores": description.scores,
        "about": asdict(description.about),
        "generator_updates": description.generator_updates,
        "attribute_groups": [asdict(group) for group in description.attribute_groups],
        "files": {name: file_digest(folder / name) for name in _CHECKED_FILES if (folder / name).is_file()},
    }
    (folder / FILE).write_text(json.dumps(seal(encodable(values)), indent=1), encoding="utf-8")


def without_absolute_paths(values: Mapping[str, Any]) -> dict[str, Any]:
    """Cut every absolute path in ``values`` to its last part: paths of this machine are private."""
    return {
        name: os.path.basename(value) if isinstance(value, str) and os.path.isabs(value) else value
        for name, value in values.items()
    }
