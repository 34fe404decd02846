"""Folder of synthetic data: images are added in blocks, so that an interrupted run can resume; tables come last."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.inference.manifest import ImageSpec
from scgan.inference.mask_files import classes_json, read_mask, save_mask
from scgan.schema import Schema
from scgan.synthesis.coco import coco
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file
from scgan.utils.json_files import parse_json
from scgan.utils.progress import progress

MANIFEST = "manifest.jsonl"
FAILED = "failed.jsonl"


class Done(NamedTuple):
    """Finished part of a folder.

    Attributes:
        entries: lines of the manifest, one for each image, without landmarks.
        failed: lines of ``failed.jsonl``, one for each image that never passed the filter.
    """

    entries: list[dict[str, Any]]
    failed: list[dict[str, Any]]

    @property
    def next_index(self) -> int:
        """Index of the first image that is neither there nor failed."""
        return len(self.entries) + len(self.failed)


class KeptImage(NamedTuple):
    """An image that passed the filter.

    Attributes:
        spec: mask, attributes and latent.
        image: uint8 (H, W, 3), RGB.
        entry: its line in the manifest, JSON values.
    """

    spec: ImageSpec
    image: NDArray[np.uint8]
    entry: dict[str, Any]


def open_folder(folder: Path, head: dict[str, Any], block_size: int) -> Done:
    """Create the folder, or cut an unfinished one back to its last complete block.

    Args:
        folder: an unfinished folder, or one that does not exist.
        head: first line of the manifest: model, schema and options, which an unfinished folder must share.
        block_size: number of images in a block.

    Returns:
        The images that exist or failed; it holds all of its blocks or none.

    Raises:
        UserError: the unfinished folder is of another model or other options, or is damaged.
    """
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    manifest = folder / MANIFEST
    head = json.loads(json.dumps(head))
    lines: list[str] = []
    entries: list[dict[str, Any]] = []
    if manifest.exists():
        try:  # a kill may have cut off the last line
            lines = _whole_lines(manifest)
            old_head, *entries = (without_landmarks(parse_json(line)) for line in lines)
        except (AttributeError, TypeError, ValueError) as error:
            raise UserError(f"{manifest} is damaged ({error}): start from scratch with --overwrite.") from error
        if entries and old_head != head:
            raise UserError(
                f"{folder} was started with {_difference(old_head, head)}: use the same, or start from scratch with "
                "--overwrite."
            )
    failed = _read_failed(folder)
    end = _finished_end(entries, failed, head["synthesis"]["count"], block_size)
    entries = entries[: end - sum(failure["index"] < end for failure in failed)]  # a kill may have left more
    failed = [failure for failure in failed if failure["index"] < end]
    with atomic_file(manifest) as partial:
        partial.write_text("".join([json.dumps(head) + "\n", *lines[1 : 1 + len(entries)]]), encoding="utf-8")
    with atomic_file(folder / FAILED) as partial:
        partial.write_text("".join(json.dumps(failure) + "\n" for failure in failed), encoding="utf-8")
    return Done(entries, failed)


def _whole_lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]


def _read_failed(folder: Path) -> list[dict[str, Any]]:
    file = folder / FAILED
    try:
        return [parse_json(line) for line in _whole_lines(file)] if file.exists() else []
    except ValueError as error:
        raise UserError(f"{file} is damaged ({error}): start from scratch with --overwrite.") from error


def _index(entry: dict[str, Any]) -> int:
    return int(Path(entry["file"]).stem)


def _finished_end(
    entries: Sequence[dict[str, Any]], failed: Sequence[dict[str, Any]], count: int, block_size: int
) -> int:
    """End of the finished blocks: all images before it exist or failed."""
    indices = {_index(entry) for entry in entries} | {failure["index"] for failure in failed}
    missing = next(index for index in range(count + 1) if index not in indices)
    return missing if missing >= count else missing // block_size * block_size


def append_failed(folder: Path, failed: Sequence[dict[str, Any]]) -> None:
    """Write the images of a block that never passed, before ``append_images`` writes those that did."""
    with (folder / FAILED).open("a", encoding="utf-8") as file:
        file.write("".join(json.dumps(failure) + "\n" for failure in failed))
        file.flush()
        os.fsync(file.fileno())


def append_images(folder: Path, block: Sequence[KeptImage], schema: Schema) -> list[dict[str, Any]]:
    """Write the files of a block, then its lines of the manifest; returns its entries ``without_landmarks``."""
    for kept in block:
        Image.fromarray(kept.image).save(folder / kept.entry["file"])
        save_mask(folder / kept.entry["mask"], kept.spec.segmentation, schema)
    with (folder / MANIFEST).open("a", encoding="utf-8") as manifest:
        manifest.write("".join(json.dumps(kept.entry) + "\n" for kept in block))
        manifest.flush()
        os.fsync(manifest.fileno())
    return [without_landmarks(kept.entry) for kept in block]


def without_landmarks(entry: dict[str, Any]) -> dict[str, Any]:
    """Drop the landmarks of an entry: they are most of its memory, and nothing reads them again."""
    return {name: value for name, value in entry.items() if name != "landmarks"}


def write_tables(folder: Path, entries: Sequence[dict[str, Any]], schema: Schema) -> None:
    """Write ``table.csv`` and ``classes.json`` in the format of ``scgan prepare folder``, and ``coco.json``."""
    with (folder / "table.csv").open("w", newline="", encoding="utf-8", errors="backslashreplace") as table:
        writer = csv.writer(table)
        writer.writerow(["file", *schema.attribute_names])
        for entry in entries:
            # The text of a float32 is short, and reading it gives the same value.
            writer.writerow(
                [Path(entry["file"]).name, *map(str, np.array([*entry["attributes"].values()], np.float32))]
            )
    (folder / "classes.json").write_text(json.dumps(classes_json(schema), indent=1), encoding="utf-8")
    (folder / "coco.json").write_text(json.dumps(coco(_masks(folder, entries, schema), schema)), encoding="utf-8")


def _difference(old_head: Any, head: dict[str, Any]) -> str:
    old, new = old_head.get("synthesis", {}), head["synthesis"]
    changes = [
        f"{name} {old.get(name)} (now {new.get(name)})"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    return "other options: " + ", ".join(changes) if changes else "another model"


def _masks(folder: Path, entries: Sequence[dict[str, Any]], schema: Schema) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    with progress("coco.json", len(entries), brief=True) as advance:
        for entry in entries:
            yield entry["file"], read_mask(folder / entry["mask"], schema)
            advance(1, "")
