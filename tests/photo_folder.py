"""Folder of small photos and masks for tests of ``scgan prepare folder``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scgan.data.sources.folder import Folder, open_folder

CLASSES = ["background", "hair", "left arm", "right arm"]
COLORS = {"background": [0, 0, 0], "hair": [255, 0, 0], "left arm": [0, 255, 0], "right arm": [0, 0, 255]}
# 40 high, 20 wide: hair at the top, arms below.
MASK = np.zeros((40, 20), np.uint8)
MASK[4:10, 6:14] = 1
MASK[10:30, 6:8] = 2
MASK[10:30, 12:14] = 3


class PhotoFolder:
    """Folder with images/, masks/ and the files that a test writes."""

    def __init__(self, folder: Path, count: int = 4) -> None:
        self.folder = folder
        for index in range(count):
            self.photo(f"p{index}", np.full((40, 20, 3), 60 * index % 256, np.uint8))
            self.mask(f"p{index}", MASK)

    def photo(self, name: str, pixels: Any, suffix: str = "jpg", **options: Any) -> None:
        (self.folder / "images").mkdir(exist_ok=True, parents=True)
        Image.fromarray(pixels).save(self.folder / "images" / f"{name}.{suffix}", **options)

    def mask(self, name: str, pixels: Any, suffix: str = "png") -> None:
        image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        (self.folder / "masks").mkdir(exist_ok=True, parents=True)
        image.save(self.folder / "masks" / f"{name}.{suffix}")

    def write(self, name: str, text: Any) -> Path:
        file = self.folder / name
        file.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return file

    def open(self, **options: Any) -> Folder:
        for key, name in (("classes", "classes.json"), ("table", "table.csv"), ("merge", "merge.yaml")):
            if (self.folder / name).exists():
                options.setdefault(key, self.folder / name)
        return open_folder(images=self.folder / "images", masks=self.folder / "masks", **{"size": 32, **options})
