"""Batches from the prepared format against decoding JPEGs: the same photos, by turns.

    python benchmarks/read.py CELEBA_FOLDER

Decoding gives images only; our batches have masks, the masks of others and labels as well, in random order. The goal is
to be at least 10 times as fast.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from scgan.data.celeba import PHOTO_HEIGHT, PHOTO_WIDTH, open_celeba
from scgan.data.images import center_square, cut_photo, read_photo
from scgan.data.prepare import prepare
from scgan.training.batches import Batches, images_to_tensor

CPU = torch.device("cpu")
ROUNDS_IN_ONE_TURN = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder in CelebA's layout")
    parser.add_argument("--count", type=int, default=500, help="photos; they are prepared first")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()

    whole = open_celeba(options.folder, options.size)
    source = replace(
        whole,
        names=whole.names[: options.count],
        splits=("train",) * options.count,
        attributes=whole.attributes[: options.count],
    )
    with tempfile.TemporaryDirectory() as folder:
        dataset = prepare(source, Path(folder) / "data", max_skipped=1)
        rows = dataset.split("train")
        batches = Batches(dataset, rows, options.batch, seed=0, flip=True)
        square = center_square(np.zeros((PHOTO_HEIGHT, PHOTO_WIDTH), np.uint8))
        random = np.random.default_rng(0)
        step = 0

        def decoded() -> Tensor:
            files = [source.photos / dataset.names[row] for row in random.choice(rows, options.batch, replace=False)]
            photos = np.stack([cut_photo(read_photo(file), square, options.size) for file in files])
            return images_to_tensor(photos, CPU, torch.float32)

        def copied() -> Tensor:
            chosen = random.choice(rows, options.batch, replace=False)
            return images_to_tensor(dataset.images[chosen], CPU, torch.float32)

        def read() -> Tensor:
            nonlocal step
            step += 1
            return batches.read(step, slice(0, options.batch), CPU, torch.float32).image

        ways: dict[str, Callable[[], Tensor]] = {
            "decoding JPEGs": decoded,
            "images from the prepared format": copied,
            "whole batches from the prepared format": read,
        }
        rates: dict[str, list[float]] = {name: [] for name in ways}
        in_one_turn = max(1, ROUNDS_IN_ONE_TURN * len(rows) // options.batch)
        for turn in range(options.turns + 1):
            for name, way in ways.items():
                start = time.perf_counter()
                for _ in range(in_one_turn):
                    way()
                if turn:  # the first warms up
                    rates[name].append(in_one_turn * options.batch / (time.perf_counter() - start))
        for name, values in rates.items():
            ratio = statistics.median(a / b for a, b in zip(values, rates["decoding JPEGs"], strict=True))
            print(f"{name}: {statistics.median(values):.0f} images/s, {ratio:.1f} times decoding JPEGs")
        print(
            f"{options.size}×{options.size}, batches of {options.batch}, {len(rows)} photos (goal: at least 10 times)"
        )


if __name__ == "__main__":
    main()
