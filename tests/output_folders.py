"""Content of folders that commands wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def content(folder: Path) -> dict[str, bytes]:
    """Read all files below a folder, by their relative paths."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def entries_of(folder: Path) -> list[dict[str, Any]]:
    """Read the images' lines of the manifest of ``scgan synthesize``."""
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()[1:]]


def pixels(file: Path) -> NDArray[np.uint8]:
    """Read the values of an image file."""
    with Image.open(file) as image:
        return np.array(image)
