"""Compare reading batches from a prepared folder with decoding files: the same photos, alternating.

    python benchmarks/read.py CELEBA_FOLDER

Images alone are compared with JPEGs, which are decoded, cropped and resized. Whole batches (image, mask, another mask,
attributes, flips) are compared with JPEGs and masks as PNGs of the right size. The goal is a ratio of at least 10.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from scgan.data.images import center_square, cut_photo, decode, read_photo
from scgan.data.prepare.prepare import prepare
from scgan.data.prepared import PreparedDataset
from scgan.data.sources.celeba import PHOTO_HEIGHT, PHOTO_WIDTH, open_celeba
from scgan.training.batches import Batches
from scgan.utils.tensors import images_to_tensor

CPU = torch.device("cpu")


class Files:
    """Photos as JPEGs and masks as PNGs, the items of a prepared folder."""

    def __init__(self, photos: Path, masks: Path, dataset: PreparedDataset) -> None:
        self.photos, self.masks, self.dataset = photos, masks, dataset
        self.square = center_square(np.zeros((PHOTO_HEIGHT, PHOTO_WIDTH), np.uint8))
        masks.mkdir()
        for name, mask in zip(dataset.names, dataset.segmentations, strict=True):
            Image.fromarray(mask).save(masks / f"{name}.png")

    def images(self, rows: list[int]) -> Tensor:
        photos = [read_photo(self.photos / self.dataset.names[row]) for row in rows]
        size = self.dataset.schema.image_size
        return images_to_tensor(np.stack([cut_photo(photo, self.square, size) for photo in photos]), CPU, torch.float32)

    def batch(self, rows: list[int]) -> tuple[Tensor, Tensor]:
        masks = [np.asarray(decode(self.masks / f"{self.dataset.names[row]}.png")) for row in rows]
        return self.images(rows), torch.from_numpy(np.stack(masks)).long()


def readers(files: Files, dataset: PreparedDataset, batch_size: int) -> dict[str, Callable[[], object]]:
    """Functions that read one batch."""
    batches = Batches(dataset, dataset.split("train"), batch_size, seed=0, flip=True)
    rng = np.random.default_rng(0)
    steps = count(1)

    def choose() -> list[int]:
        return rng.choice(len(dataset), batch_size, replace=False).tolist()

    return {
        "images from JPEGs": lambda: files.images(choose()),
        "images from the prepared folder": lambda: images_to_tensor(dataset.images[choose()], CPU, torch.float32),
        "batches from JPEGs and PNGs": lambda: files.batch(choose()),
        "batches from the prepared folder": lambda: batches.read(next(steps), slice(0, batch_size), CPU, torch.float32),
    }


def measure(functions: dict[str, Callable[[], object]], rounds: int, calls: int) -> dict[str, list[float]]:
    """Calls per second of each function in each round; a first round warms up."""
    rates: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(rounds + 1):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(calls):
                function()
            if number:
                rates[name].append(calls / (time.perf_counter() - start))
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder in CelebA's layout")
    parser.add_argument("--count", type=int, default=500, help="number of photos, which are prepared first")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    full = open_celeba(options.folder, options.size)
    first = slice(options.count)
    splits = ("train",) * options.count
    source = replace(full, names=full.names[first], splits=splits, attributes=full.attributes[first])
    with tempfile.TemporaryDirectory() as folder:
        dataset = prepare(source, Path(folder) / "data", max_skipped=1)
        functions = readers(Files(source.photos, Path(folder) / "masks", dataset), dataset, options.batch)
        rates = measure(functions, options.rounds, calls=-(-len(dataset) // options.batch))
        print(f"{options.size}×{options.size}, batches of {options.batch}, {len(dataset)} photos")
        names = list(functions)
        for files, prepared in ((names[0], names[1]), (names[2], names[3])):
            ratio = statistics.median(b / a for a, b in zip(rates[files], rates[prepared], strict=True))
            for name in (files, prepared):
                print(f"{name}: {statistics.median(rates[name]) * options.batch:.0f} images/s")
            print(f"ratio {ratio:.1f} (goal: at least 10)")


if __name__ == "__main__":
    main()
