"""Manifests of strangers: names, places and sizes of masks."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import scgan
from scgan.inference.manifest import read_manifest
from scgan.schema import Schema
from scgan.utils.errors import UserError


@pytest.fixture
def schema(tiny_model: Path) -> Schema:
    return scgan.load(tiny_model, engine="torch").schema


def write(folder: Path, schema: Schema, *images: dict[str, Any]) -> Path:
    """Write a manifest beside ``masks/a.png``; each image takes this mask if it names no other."""
    (folder / "masks").mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((32, 32), np.uint8)).save(folder / "masks" / "a.png")
    default = {"file": "images/a.png", "mask": "masks/a.png", "attributes": {}, "seed": 1}
    content = {
        "model": {"data_fingerprint": "0", "step": 1},
        "schema": schema.to_json(),
        "images": [{**default, **image} for image in images],
    }
    (folder / "manifest.json").write_text(json.dumps(content))
    return folder / "manifest.json"


@pytest.mark.parametrize(
    "name", ["images/..png", "images/...png", "..", ".", "/", "a\0b.png", f"{'x' * 300}.png", "\ud800.png"]
)
def test_names_that_no_file_can_have(tmp_path: Path, schema: Schema, name: str) -> None:
    for part in ({"file": name}, {"mask": name}):
        with pytest.raises(UserError, match=r"is not the name of a file|not a manifest of scgan|no file|outside"):
            read_manifest(write(tmp_path, schema, part), schema)


@pytest.mark.parametrize("mask", ["../secret.png", "masks/../../secret.png", "{folder}/secret.png", "masks/link.png"])
def test_masks_are_inside_of_the_folder_unless_the_user_allows_more(tmp_path: Path, schema: Schema, mask: str) -> None:
    Image.fromarray(np.ones((32, 32), np.uint8)).save(tmp_path / "secret.png")
    file = write(tmp_path / "given", schema, {"mask": mask.format(folder=tmp_path)})
    (tmp_path / "given" / "masks" / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(UserError, match=r"image 1: its mask .* is outside of the manifest's folder: copy it there, or"):
        read_manifest(file, schema)
    assert read_manifest(file, schema, anywhere=True).image_specs[0].segmentation.all()


def test_masks_that_are_no_files_or_too_large(tmp_path: Path, schema: Schema) -> None:
    (tmp_path / "masks").mkdir()
    os.mkfifo(tmp_path / "masks" / "pipe.png")
    (tmp_path / "masks" / "loop.png").symlink_to(tmp_path / "masks" / "loop.png")
    Image.fromarray(np.zeros((3000, 3000), np.uint8)).save(tmp_path / "masks" / "bomb.png")
    for mask, message in (
        ("masks/pipe.png", "is missing or not a file"),
        ("masks", "is missing or not a file"),
        ("masks/loop.png", r"is missing or not a file|cannot be read"),
        ("masks/bomb.png", "has 3000×3000 pixels, more than 1024"),
        (3, "its mask is 3, not the name of a file"),
        (None, "its mask is None, not the name of a file"),
    ):
        with pytest.raises(UserError, match=message):
            read_manifest(write(tmp_path, schema, {"mask": mask}), schema)


def test_two_masks_of_one_name_are_refused(tmp_path: Path, schema: Schema) -> None:
    (tmp_path / "more").mkdir()
    Image.fromarray(np.ones((32, 32), np.uint8)).save(tmp_path / "more" / "a.png")
    file = write(tmp_path, schema, {}, {"file": "images/b.png", "mask": "more/a.png"})
    with pytest.raises(UserError, match="gives two masks the same name, a"):
        read_manifest(file, schema)


def test_a_deeply_nested_manifest(tmp_path: Path, schema: Schema) -> None:
    for name in ("manifest.json", "manifest.jsonl"):
        (tmp_path / name).write_text("[" * 100_000)
        with pytest.raises(UserError, match=r"is not JSON \(nested too deeply\)"):
            read_manifest(tmp_path / name, schema)
