"""Folder of a grader: weights and a description. No pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from scgan.graders.kinds import GraderKind
from scgan.models.folder import save_weights
from scgan.schema import Schema
from scgan.utils.errors import UserError

DESCRIPTION_FILE, WEIGHTS_FILE = "grader.json", "grader.safetensors"


class GraderDescription(NamedTuple):
    """Content of grader.json.

    Attributes:
        schema: names of its classes or attributes.
        fingerprint: of the training data.
        step: number of training steps.
    """

    schema: Schema
    fingerprint: str
    step: int


def read_grader_description(folder: Path) -> GraderDescription:
    """Read the description in a grader's folder.

    Raises:
        UserError: the folder is not a grader's, or damaged.
    """
    file = folder / DESCRIPTION_FILE
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return GraderDescription(
            Schema.from_json(values["schema"], str(file)),
            str(values["data_fingerprint"]),
            int(values["step"]),
        )
    except (AttributeError, KeyError, OSError, TypeError, UserError, ValueError) as error:
        raise _damaged(folder, error) from error


def write_grader(folder: Path, network: nn.Module, description: GraderDescription, half: bool) -> None:
    """Write description and weights into ``folder``; with ``half`` the weights are float16."""
    save_weights(folder / WEIGHTS_FILE, network.state_dict(), half)
    values = {
        "schema": description.schema.to_json(),
        "data_fingerprint": description.fingerprint,
        "step": description.step,
    }
    (folder / DESCRIPTION_FILE).write_text(json.dumps(values, indent=1), encoding="utf-8")


def copy_grader(kind: GraderKind, source: Path, target: Path) -> None:
    """Copy a grader to the new folder ``target``, in half precision.

    Raises:
        UserError: ``source`` is damaged, or not a grader of this kind.
    """
    description = read_grader_description(source)
    network = load_grader_network(kind, source, description.schema)
    target.mkdir()
    write_grader(target, network, description, half=True)


def load_grader_network(kind: GraderKind, folder: Path, schema: Schema) -> nn.Module:
    """Load a grader's network, in float32 on the CPU, in evaluation mode.

    Raises:
        UserError: the weights are missing, damaged, or of another kind or schema.
    """
    network = kind.build(schema)
    try:
        network.load_state_dict(load_file(folder / WEIGHTS_FILE))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _damaged(folder, error) from error
    return network.eval()


def _damaged(folder: Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0]
    return UserError(f"{folder} is damaged or not a grader's folder ({reason}): remove it, then a new one is trained.")
