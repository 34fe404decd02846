"""A grader's folder: its weights, and what it learned from. No pickle."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from scgan.graders.training import WIDTH, GraderTraining, attribute_training, segmentation_training
from scgan.models.folder import save_weights
from scgan.schema import Schema
from scgan.utils.errors import UserError

MASKS, ATTRIBUTES = "grader", "attribute-grader"
"""The kinds of graders, and the names of their folders in a model folder that brings them."""

ARCHITECTURES = {MASKS: f"unet{WIDTH}", ATTRIBUTES: f"attributes{WIDTH}"}
TRAININGS: dict[str, Callable[[Schema], GraderTraining]] = {
    MASKS: segmentation_training,
    ATTRIBUTES: attribute_training,
}
DESCRIPTION_FILE, WEIGHTS_FILE = "grader.json", "grader.safetensors"


class GraderDescription(NamedTuple):
    """A grader's grader.json.

    Attributes:
        schema: what its classes or attributes mean.
        fingerprint: of the data that it learned from.
        step: after how many steps.
    """

    schema: Schema
    fingerprint: str
    step: int


def read_grader_description(folder: Path) -> GraderDescription:
    """What a grader's folder says of it.

    Raises:
        UserError: it is no grader's folder, or damaged.
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
        raise _unsound(folder, error) from error


def write_grader(folder: Path, network: nn.Module, description: GraderDescription, half: bool) -> None:
    """Write description and weights into ``folder``; with ``half`` the weights are float16."""
    save_weights(folder / WEIGHTS_FILE, network.state_dict(), half)
    values = {
        "schema": description.schema.to_json(),
        "data_fingerprint": description.fingerprint,
        "step": description.step,
    }
    (folder / DESCRIPTION_FILE).write_text(json.dumps(values, indent=1), encoding="utf-8")


def copy_grader(kind: str, source: Path, target: Path) -> None:
    """Write a grader to the new folder ``target``, in half precision.

    Raises:
        UserError: ``source`` is not a sound grader of this kind.
    """
    description = read_grader_description(source)
    network = load_grader_network(kind, source, description.schema)
    target.mkdir()
    write_grader(target, network, description, half=True)


def load_grader_network(kind: str, folder: Path, schema: Schema) -> nn.Module:
    """The network in a grader's folder, in float32 on the CPU, ready to judge.

    Raises:
        UserError: its weights are missing, damaged, or of another kind or schema.
    """
    network = TRAININGS[kind](schema).network
    try:
        network.load_state_dict(load_file(folder / WEIGHTS_FILE))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _unsound(folder, error) from error
    return network.eval()


def _unsound(folder: Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0]
    return UserError(f"{folder} is not a sound grader ({reason}): remove it, a new one is trained then.")
