"""Files of a run folder: settings, data, log."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from scgan.config import RESUMABLE, Config, flat, marked
from scgan.data.prepared import PreparedDataset
from scgan.models.description import Origin
from scgan.recipes import read_config
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file


def describe_run(out: Path, dataset: PreparedDataset, config: Config, origins: tuple[Origin, ...]) -> None:
    """Write ``config.yaml`` and ``data.json``."""
    out.mkdir(parents=True, exist_ok=True)
    with atomic_file(out / "config.yaml") as partial:
        partial.write_text(yaml.safe_dump(config.model_dump(), sort_keys=False), encoding="utf-8")
    description = {
        "path": str(dataset.path.resolve()),
        "fingerprint": dataset.fingerprint,
        "source": dataset.source,
        "started_from": [asdict(origin) for origin in origins],
    }
    with atomic_file(out / "data.json") as partial:
        partial.write_text(json.dumps(description, indent=1), encoding="utf-8")


def load_config(run: Path) -> Config:
    """The configuration that a run was started with.

    Raises:
        UserError: ``run`` is not a run folder, or the file is damaged.
    """
    file = run / "config.yaml"
    if not file.is_file():
        raise UserError(f"{run} has no config.yaml: it is not the folder of a training run.")
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{file} is damaged ({' '.join(str(error).split())}).") from error
    return read_config(values, str(file))


def load_origins(run: Path) -> tuple[Origin, ...]:
    """Models of a run's warm starts, the oldest first; none for a run from scratch.

    Raises:
        UserError: ``run`` is not a run folder, or the file is damaged.
    """
    file = run / "data.json"
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return tuple(Origin(**origin) for origin in values.get("started_from", ()))
    except (AttributeError, OSError, ValueError, TypeError) as error:
        raise UserError(f"{file} cannot be read ({error}): it names the models of the run's warm starts.") from error


def load_data_description(run: Path) -> dict[str, str]:
    """The ``path`` and ``fingerprint`` of the data that a run was started with.

    Raises:
        UserError: ``run`` is not a run folder, or the file is damaged.
    """
    file = run / "data.json"
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return {name: str(values[name]) for name in ("path", "fingerprint")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{file} cannot be read ({error}): it names the run's data.") from error


def require_same_run(out: Path, dataset: PreparedDataset, config: Config) -> None:
    """Refuse other data, and other settings than those that may change when a run is resumed.

    Raises:
        UserError: names the first difference.
    """
    first, resumable = flat(load_config(out)), marked(type(config), RESUMABLE)
    for name, value in flat(config).items():
        if value != first.get(name) and name not in resumable:
            raise UserError(
                f"{out} was begun with --{name} {first.get(name)}, not {value}: a resumed run keeps its settings; "
                "leave this one out, or start a new run."
            )
    fingerprint = load_data_description(out)["fingerprint"]
    if fingerprint != dataset.fingerprint:
        raise UserError(
            f"{out} was begun with other data (fingerprint {fingerprint}; {dataset.path} has {dataset.fingerprint})."
        )


def read_log(file: Path) -> list[dict[str, Any]]:
    """The lines of a run's log, one mapping each; none if there is no log.

    Raises:
        UserError: a line is not JSON. The last one may be cut off, by a kill or because it is being written.
    """
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    entries = []
    for number, line in enumerate(lines, start=1):
        try:
            entries.append({**json.loads(line)})
        except (ValueError, TypeError) as error:
            if number < len(lines):
                raise UserError(f"{file}, line {number}, is not a line of a log: remove it.") from error
    return entries
