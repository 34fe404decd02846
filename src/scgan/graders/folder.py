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
from scgan.utils.errors import UserError, is_system_fault
from scgan.utils.json_files import file_digest, read_json, require_encodable, seal, unseal

DESCRIPTION_FILE, WEIGHTS_FILE = "grader.json", "grader.safetensors"

_MAX_BYTES = 2**24


class GraderDescription(NamedTuple):
    """Content of grader.json.

    Attributes:
        schema: names of its classes or attributes.
        fingerprint: of the training data.
        step: number of training steps.
        digest: SHA-256 of the weights' file; ``write_grader`` computes it.
    """

    schema: Schema
    fingerprint: str
    step: int
    digest: str = ""


def read_grader_description(folder: Path) -> GraderDescription:
    """Read the description in a grader's folder.

    Raises:
        UserError: the folder is not a grader's, or damaged.
    """
    file = folder / DESCRIPTION_FILE
    try:
        values = unseal(read_json(file, _MAX_BYTES))
        require_encodable(values)
        return GraderDescription(
            Schema.from_json(values["schema"], str(file)),
            str(values["data_fingerprint"]),
            int(values["step"]),
            str(values["weights"]),
        )
    except (ArithmeticError, KeyError, TypeError, UserError, ValueError) as error:
        raise _damaged(folder, error) from error


def write_grader(folder: Path, network: nn.Module, description: GraderDescription, half: bool) -> None:
    """Write description and weights into ``folder``; with ``half`` the weights are float16."""
    save_weights(folder / WEIGHTS_FILE, network.state_dict(), half)
    values = {
        "schema": description.schema.to_json(),
        "data_fingerprint": description.fingerprint,
        "step": description.step,
        "weights": file_digest(folder / WEIGHTS_FILE),
    }
    (folder / DESCRIPTION_FILE).write_text(json.dumps(seal(values), indent=1), encoding="utf-8")


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
    digest = read_grader_description(folder).digest
    network = kind.build(schema)
    try:
        if file_digest(folder / WEIGHTS_FILE) != digest:
            raise ValueError(f"{WEIGHTS_FILE} is not the file that {DESCRIPTION_FILE} describes")
        network.load_state_dict(load_file(folder / WEIGHTS_FILE))
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        if is_system_fault(error):
            raise
        raise _damaged(folder, error) from error
    return network.eval()


def _damaged(folder: Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UserError(
        f"{folder} is damaged or not a grader's folder ({reason}): remove it, then a new one is trained, or "
        "download it again."
    )
