"""The folder of labelled data: pictures that survive a kill, and at the end the tables that describe them."""

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
from scgan.inference.mask_files import read_mask, save_mask
from scgan.schema import Schema
from scgan.synthesis.coco import coco
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file

MANIFEST = "manifest.jsonl"


class Made(NamedTuple):
    """A picture that is kept.

    Attributes:
        recipe: what decided it.
        image: uint8 (H, W, 3), RGB.
        entry: its line in the manifest, JSON values.
    """

    recipe: ImageSpec
    image: NDArray[np.uint8]
    entry: dict[str, Any]


def begin(folder: Path, head: dict[str, Any], block: int) -> list[dict[str, Any]]:
    """Make the folder, or go back to the last whole block of one that was not finished.

    Args:
        folder: that is being written.
        head: the manifest's first line: model, schema and options, which an unfinished folder must share.
        block: so many pictures are added at once.

    Returns:
        The entries of the pictures that are there, as ``append`` returns them.

    Raises:
        UserError: the folder was begun with another model or other options, or is damaged.
    """
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    manifest = folder / MANIFEST
    head = json.loads(json.dumps(head))
    whole: list[str] = []
    entries: list[dict[str, Any]] = []
    if manifest.exists():
        lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]  # the last one may have been cut off by a kill
        try:
            begun, *entries = (without_points(json.loads(line)) for line in whole)
        except ValueError as error:
            raise UserError(f"{manifest} is damaged ({error}): start anew with --overwrite.") from error
        if entries and begun != head:
            raise UserError(
                f"{folder} was begun with {_changed(begun, head)}: give the same ones, or start anew with --overwrite."
            )
    if len(entries) < head["synthesis"]["count"]:
        entries = entries[: len(entries) // block * block]
    with atomic_file(manifest) as beside:
        beside.write_text("".join([json.dumps(head) + "\n", *whole[1 : 1 + len(entries)]]), encoding="utf-8")
    return entries


def without_points(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry as it is kept in memory: the landmarks are nearly all of it, and nothing needs them again."""
    return {name: value for name, value in entry.items() if name != "landmarks"}


def _changed(begun: Any, head: dict[str, Any]) -> str:
    before, now = begun.get("synthesis", {}), head["synthesis"]
    changed = [
        f"{name} {before.get(name)} (now {now.get(name)})"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
    return "other options: " + ", ".join(changed) if changed else "another model"


def append(folder: Path, block: Sequence[Made], schema: Schema) -> list[dict[str, Any]]:
    """Add pictures: first their files, then the lines that count them; returns their entries ``without_points``."""
    for made in block:
        Image.fromarray(made.image).save(folder / made.entry["file"])
        save_mask(folder / made.entry["mask"], made.recipe.segmentation, schema)
    with (folder / MANIFEST).open("a", encoding="utf-8") as manifest:
        manifest.write("".join(json.dumps(made.entry) + "\n" for made in block))
        manifest.flush()
        os.fsync(manifest.fileno())
    return [without_points(made.entry) for made in block]


def finish(folder: Path, entries: Sequence[dict[str, Any]], schema: Schema) -> None:
    """Write ``table.csv`` and ``classes.json`` as ``scgan prepare folder`` reads them, and ``coco.json``."""
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(["file", *schema.attribute_names])
        for entry in entries:
            # As float32 they are short, and read again they are the same.
            writer.writerow(
                [Path(entry["file"]).name, *map(str, np.array([*entry["attributes"].values()], np.float32))]
            )
    (folder / "classes.json").write_text(json.dumps(_classes(schema), indent=1), encoding="utf-8")
    (folder / "coco.json").write_text(json.dumps(coco(_masks(folder, entries, schema), schema)), encoding="utf-8")


def _classes(schema: Schema) -> Any:
    """Classes with their colours; where two share one, only their names: then indices count."""
    if len(set(schema.class_colors)) < schema.class_count:
        return list(schema.class_names)
    return {name: list(color) for name, color in zip(schema.class_names, schema.class_colors, strict=True)}


def _masks(folder: Path, entries: Sequence[dict[str, Any]], schema: Schema) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    for entry in entries:
        yield entry["file"], read_mask(folder / entry["mask"], schema)
