"""Files of a run folder: settings, data, log."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
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
from scgan.utils.json_files import MAX_JSON_BYTES, JsonError, parse_json, read_json, seal, unseal
from scgan.utils.text import read_text
from scgan.utils.yaml_files import YamlError, parse_yaml

_DIGEST = re.compile(r"# digest ([0-9a-f]{16})")


def describe_run(out: Path, dataset: PreparedDataset, config: Config, origins: tuple[Origin, ...]) -> None:
    """Write ``config.yaml`` and ``data.json``."""
    out.mkdir(parents=True, exist_ok=True)
    settings = yaml.safe_dump(config.model_dump(), sort_keys=False)
    digest = f"# digest {_digest(settings)}; remove this line if you change the settings by hand\n"
    with atomic_file(out / "config.yaml") as partial:
        partial.write_text(settings + digest, encoding="utf-8")
    description = {
        "path": str(dataset.path.resolve()),
        "fingerprint": dataset.fingerprint,
        "source": dataset.source,
        "started_from": [asdict(origin) for origin in origins],
    }
    with atomic_file(out / "data.json") as partial:
        partial.write_text(json.dumps(seal(description), indent=1), encoding="utf-8")


def load_config(run: Path) -> Config:
    """The configuration that a run was started with.

    Raises:
        UserError: ``run`` is not a run folder, or the file is damaged.
    """
    file = run / "config.yaml"
    if not file.is_file():
        raise UserError(f"{run} has no config.yaml: it is not the folder of a training run.")
    text = read_text(file)
    try:
        digest = _DIGEST.search(text)
        if digest and digest[1] != _digest(text[: digest.start()]):
            raise YamlError("changed since it was written; if you changed it yourself, remove the line with its digest")
        values = parse_yaml(text)
    except YamlError as error:
        raise UserError(f"{file} is damaged ({error}).") from error
    return read_config(values, str(file))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_origins(run: Path) -> tuple[Origin, ...]:
    """Models of a run's warm starts, the oldest first; none for a run from scratch.

    Raises:
        UserError: ``run`` is not a run folder, or the file is damaged.
    """
    file = run / "data.json"
    try:
        values = unseal(read_json(file), required=False)
        return tuple(
            Origin(**{**origin, "features": tuple(origin.get("features", ()))})
            for origin in values.get("started_from", ())
        )
    except (AttributeError, ValueError, TypeError) as error:
        raise UserError(f"{file} cannot be read ({error}): it names the models of the run's warm starts.") from error


def load_data_description(run: Path) -> dict[str, str]:
    """The ``path`` and ``fingerprint`` of the data that a run was started with.

    Raises:
        UserError: ``run`` is not a run folder, or the file is damaged.
    """
    file = run / "data.json"
    try:
        values = unseal(read_json(file), required=False)
        return {name: str(values[name]) for name in ("path", "fingerprint")}
    except (ValueError, KeyError, TypeError) as error:
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
        UserError: a line is damaged. The last one may be cut off, by a kill or because it is being written.
    """
    if not file.is_file():
        return []
    with file.open("rb") as stream:
        *lines, last = stream.read(MAX_JSON_BYTES).split(b"\n")
    entries = []
    for number, line in enumerate(lines, start=1):
        try:
            entries.append(unseal(parse_json(line), required=False))
        except JsonError as error:
            raise UserError(f"{file}, line {number}, is not a line of a log ({error}): remove it.") from error
    with suppress(JsonError):
        entries.append(unseal(parse_json(last), required=False))
    return entries
