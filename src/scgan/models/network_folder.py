"""Folder of a small network beside a model, like a grader: weights and a sealed description. No pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from scgan.models.weights import save_weights
from scgan.utils.errors import is_system_fault
from scgan.utils.json_files import file_digest, read_json, require_encodable, seal, unseal

MAX_WEIGHTS_BYTES = 2**26

_MAX_BYTES = 2**24


def write_network(folder: Path, name: str, network: nn.Module, values: Mapping[str, Any], half: bool) -> None:
    """Write ``name``.safetensors and ``name``.json into ``folder``; with ``half`` the weights are float16."""
    save_weights(folder / f"{name}.safetensors", network.state_dict(), half)
    description = {**values, "weights": file_digest(folder / f"{name}.safetensors")}
    (folder / f"{name}.json").write_text(json.dumps(seal(description), indent=1), encoding="utf-8")


def read_values(folder: Path, name: str) -> dict[str, Any]:
    """Read the description that ``write_network`` wrote.

    Raises:
        ValueError: it is damaged.
        UserError: it cannot be read.
    """
    values = unseal(read_json(folder / f"{name}.json", _MAX_BYTES))
    require_encodable(values)
    return values


def load_network(folder: Path, name: str, network: nn.Module, digest: str) -> nn.Module:
    """Load the weights in float32 on the CPU and return the network in evaluation mode.

    Args:
        folder, name: as for ``write_network``.
        network: untrained.
        digest: of the weights' file, as the description holds it.

    Raises:
        ValueError: they are missing, damaged, or of another network.
        OSError: permissions or limits forbid reading them.
    """
    file = folder / f"{name}.safetensors"
    try:
        if file.stat().st_size > MAX_WEIGHTS_BYTES or file_digest(file) != digest:
            raise ValueError(f"{file.name} is not the file that {name}.json describes")
        network.load_state_dict(load_file(file))
    except (OSError, SafetensorError, RuntimeError) as error:
        if is_system_fault(error):
            raise
        raise ValueError(describe_reason(error)) from error
    return network.eval()


def describe_reason(error: Exception) -> str:
    """Shorten an error to one line."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
