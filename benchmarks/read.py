"""Batches from the prepared format against decoding files: the same photos, by turns.

    python benchmarks/read.py CELEBA_FOLDER

Images alone are held against JPEGs, decoded, cut and resized; whole batches (image, mask, another mask, label, flips)
against JPEGs and masks as PNGs of the right size. The goal is to be at least 10 times as fast.
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
from scgan.data.sources.celeba import PHOTO_HEIGHT, PHOTO_WIDTH, open_celeba
from scgan.training.batches import Batches
from scgan.utils.tensors import images_to_tensor

CPU = torch.device("cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder in CelebA's layout")
    parser.add_argument("--count", type=int, default=500, help="photos; they are prepared first")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()

    whole = open_celeba(options.folder, options.size)
    kept = slice(options.count)
    splits = ("train",) * options.count
    source = replace(whole, names=whole.names[kept], splits=splits, attributes=whole.attributes[kept])
    with tempfile.TemporaryDirectory() as folder:
        dataset = prepare(source, Path(folder) / "data", max_skipped=1)
        masks = Path(folder) / "masks"
        masks.mkdir()
        for name, mask in zip(dataset.names, dataset.segmentations, strict=True):
            Image.fromarray(mask).save(masks / f"{name}.png")
        square = center_square(np.zeros((PHOTO_HEIGHT, PHOTO_WIDTH), np.uint8))
        batches = Batches(dataset, dataset.split("train"), options.batch, seed=0, flip=True)
        random = np.random.default_rng(0)
        steps = count(1)

        def choose() -> list[int]:
            return random.choice(len(dataset), options.batch, replace=False).tolist()

        def decode_images(rows: list[int]) -> Tensor:
            photos = [read_photo(source.photos / dataset.names[row]) for row in rows]
            return images_to_tensor(
                np.stack([cut_photo(photo, square, options.size) for photo in photos]), CPU, torch.float32
            )

        def decode_batch(rows: list[int]) -> tuple[Tensor, Tensor]:
            decoded = [np.asarray(decode(masks / f"{dataset.names[row]}.png")) for row in rows]
            return decode_images(rows), torch.from_numpy(np.stack(decoded)).long()

        ways: dict[str, Callable[[], object]] = {
            "images from JPEGs": lambda: decode_images(choose()),
            "images from the prepared format": lambda: images_to_tensor(dataset.images[choose()], CPU, torch.float32),
            "batches from JPEGs and PNGs": lambda: decode_batch(choose()),
            "batches from the prepared format": lambda: batches.read(
                next(steps), slice(0, options.batch), CPU, torch.float32
            ),
        }
        rates: dict[str, list[float]] = {name: [] for name in ways}
        in_one_turn = -(-len(dataset) // options.batch)
        for turn in range(options.turns + 1):
            for name, way in ways.items():
                start = time.perf_counter()
                for _ in range(in_one_turn):
                    way()
                if turn:  # the first warms up
                    rates[name].append(in_one_turn * options.batch / (time.perf_counter() - start))
        print(f"{options.size}×{options.size}, batches of {options.batch}, {len(dataset)} photos")
        names = list(ways)
        for files, prepared in ((names[0], names[1]), (names[2], names[3])):
            ratio = statistics.median(b / a for a, b in zip(rates[files], rates[prepared], strict=True))
            print(f"{files}: {statistics.median(rates[files]):.0f} images/s")
            print(
                f"{prepared}: {statistics.median(rates[prepared]):.0f} images/s, {ratio:.1f} times (goal: at least 10)"
            )


if __name__ == "__main__":
    main()
