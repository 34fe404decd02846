"""Damage to files: flipped bytes, and JSON that is changed and sealed again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from scgan.data.checksums import checksums_of, write_checksums
from scgan.utils.json_files import file_digest, seal, unseal


def flip_byte(file: Path, place: int, mask: int = 0xFF) -> None:
    """Flip the bits of ``mask`` in the byte at ``place``."""
    content = bytearray(file.read_bytes())
    content[place] ^= mask
    file.write_bytes(content)


def change_sealed(file: Path, target: Path | None = None, **changes: Any) -> None:
    """Write the values of a sealed JSON file with some of them replaced, or removed (None), under a new digest."""
    values = {**unseal(json.loads(file.read_text(encoding="utf-8"))), **changes}
    kept = {name: value for name, value in values.items() if name not in changes or value is not None}
    (target or file).write_text(json.dumps(seal(kept)), encoding="utf-8")


def reseal_model(folder: Path) -> None:
    """Give a model folder whose files were changed the digests of these: now it is forged, not damaged."""
    description = folder / "model.json"
    values = json.loads(description.read_text(encoding="utf-8"))
    values.pop("digest", None)
    values["files"] = {name: file_digest(folder / name) for name in values["files"] if (folder / name).is_file()}
    description.write_text(json.dumps(seal(values)), encoding="utf-8")


def reseal_dataset(folder: Path, **changes: Any) -> None:
    """Give a prepared folder whose arrays or dataset.json were changed the checksums of these: it is forged."""
    description = folder / "dataset.json"
    values = json.loads(description.read_text(encoding="utf-8"))
    values.pop("digest", None)
    files = sorted(folder.glob("*.npy"))
    values["checksums"] = write_checksums(folder, {file.name: checksums_of(file)[0] for file in files})
    description.write_text(json.dumps(seal({**values, **changes})), encoding="utf-8")


def copy_as_one_split(source: Path, folder: Path, split: str) -> None:
    """Copy a prepared folder so that all its items are in one split: other data, with another fingerprint."""
    shutil.copytree(source, folder)
    counts = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))["splits"]
    rows = np.load(folder / "split_rows.npy")
    np.save(folder / "split_rows.npy", np.sort(rows))
    splits = {**dict.fromkeys(counts, 0), split: len(rows)}
    reseal_dataset(folder, splits=splits, fingerprint="0" * 16)
