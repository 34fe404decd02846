"""Folder of a grader: weights and a description. No pickle."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from torch import nn

from scgan.graders.kinds import GraderKind
from scgan.models.network_folder import describe_reason, load_network, read_values, write_network
from scgan.schema import Schema
from scgan.utils.errors import UserError

DESCRIPTION_FILE = "grader.json"

_NAME = "grader"


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
    try:
        values = read_values(folder, _NAME)
        return GraderDescription(
            Schema.from_json(values["schema"], str(folder / DESCRIPTION_FILE)),
            str(values["data_fingerprint"]),
            int(values["step"]),
            str(values["weights"]),
        )
    except (ArithmeticError, KeyError, TypeError, UserError, ValueError) as error:
        raise _damaged(folder, error) from error


def write_grader(folder: Path, network: nn.Module, description: GraderDescription, half: bool) -> None:
    """Write description and weights into ``folder``; with ``half`` the weights are float16."""
    values = {
        "schema": description.schema.to_json(),
        "data_fingerprint": description.fingerprint,
        "step": description.step,
    }
    write_network(folder, _NAME, network, values, half)


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
    try:
        return load_network(folder, _NAME, kind.build(schema), digest)
    except ValueError as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> UserError:
    return UserError(
        f"{folder} is damaged or not a grader's folder ({describe_reason(error)}): remove it, then a new one is "
        "trained, or download it again."
    )
