"""Measure how opening, inspecting, training and sampling grow with the number of items: seconds and memory.

    python benchmarks/scale.py --out scale                       # 12,000 and 200,000 items at 128, 2,000,000 at 64
    python benchmarks/scale.py --out scale --sizes 12000@64 2000000@64

The folders are prepared ones whose first rows are toy faces; the others are holes of sparse files, which read as zeros
and take no disk. Each measure runs in a process of its own. Memory is the largest anonymous part of the resident size
(heap, without pages of mapped files, which the system takes back): its growth during the measure, and that of the whole
process with its imports.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SIZES = ("12000@128", "200000@128", "12000@64", "2000000@64")
REAL_ROWS = 512
TRAINING = (
    *("--recipe=cpu", "--training.accelerator=cpu", "--training.precision=32-true", "--log.samples_every=1000"),
    *("--training.batch_size=8", "--generator.width=8", "--discriminator.width=8", "--segmentor.width=8"),
)
MEASURES = ("open", "inspect", "near images", "first batch", "step", "resume", "sample")


class Size(NamedTuple):
    """Number and height of images."""

    count: int
    height: int

    @staticmethod
    def parse(text: str) -> Size:
        """``"200000@128"``."""
        count, height = map(int, text.split("@"))
        return Size(count, height)

    def __str__(self) -> str:
        return f"{self.count:,} at {self.height}"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the prepared folders and runs")
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="like 200000@128")
    parser.add_argument("--real-rows", type=int, default=REAL_ROWS, help="rows that hold toy faces")
    parser.add_argument("--measures", nargs="+", choices=MEASURES, default=MEASURES)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        print(json.dumps(measure(options.measure, options.out)))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    print("| items | " + " | ".join(f"{name} (s, MB, of MB)" for name in options.measures) + " |")
    print("|---|" + "---|" * len(options.measures))
    for size in map(Size.parse, options.sizes):
        folder = options.out / f"{size.count}-{size.height}"
        if not (folder / "dataset.json").is_file():
            make_folder(folder, size, options.real_rows)
        cells = [measured(name, folder) for name in options.measures]
        print(f"| {size} | " + " | ".join(str(cell) for cell in cells) + " |")


class Cost(NamedTuple):
    """Seconds of a measure, megabytes by which the memory grew, and those of the whole process."""

    seconds: float
    growth: float
    total: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f}, {self.growth:.0f}, of {self.total:.0f}"


def measured(name: str, folder: Path) -> Cost:
    """Cost of a measure, in a process of its own."""
    command = [sys.executable, __file__, "--measure", name, "--out", str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return Cost(*json.loads(process.stdout.splitlines()[-1]))


def make_folder(folder: Path, size: Size, real_rows: int) -> None:
    """Write a prepared folder of toy faces and holes."""
    from scgan.data.checksums import checksums_of, remember_checked, write_checksums
    from scgan.data.items import SPLITS, encode_names
    from scgan.data.prepare.prepare import prepare
    from scgan.data.prepared import PreparedDataset
    from scgan.data.sources.toyfaces import ToyFaces
    from scgan.utils.json_files import read_json, seal, unseal

    shutil.rmtree(folder, ignore_errors=True)
    prepare(ToyFaces(real_rows, size.height), folder, processes=1)
    dataset = PreparedDataset.open(folder)
    values: dict[str, Any] = unseal(read_json(folder / "dataset.json"))
    arrays = {name: getattr(dataset, name) for name in ("images", "segmentations", "attributes", "landmarks")}
    checksums = {
        f"{name}.npy": lengthen(folder / f"{name}.npy", array, size.count)
        for name, array in arrays.items()
        if array is not None
    }
    text, ends = encode_names([f"photos/{row:08}.jpg" for row in range(size.count)])
    kinds = np.arange(size.count) % 10  # of ten neighbors one is of validation and one of the test
    rows = {split: np.flatnonzero(of) for split, of in zip(SPLITS, (kinds < 8, kinds == 8, kinds == 9), strict=True)}
    items = {"names": text, "name_ends": ends, "split_rows": np.concatenate(list(rows.values()))}
    for name, array in items.items():
        np.save(folder / f"{name}.npy", array)
        checksums[f"{name}.npy"], _ = checksums_of(folder / f"{name}.npy")
    values["checksums"] = write_checksums(folder, checksums)
    values["splits"] = {split: len(of) for split, of in rows.items()}
    (folder / "dataset.json").write_text(json.dumps(seal(values), indent=1), encoding="utf-8")
    remember_checked(folder, {name: len(sums.blocks) for name, sums in checksums.items()})


def lengthen(file: Path, array: np.ndarray[Any, Any], count: int) -> Any:
    """Give an array more rows, as a hole; returns its checksums."""
    from scgan.data.checksums import BLOCK, Checksums

    with file.open("r+b") as stream:
        before = stream.seek(0, os.SEEK_END)
        header = before - array.nbytes
        shape = (count, *array.shape[1:])
        text = f"{{'descr': {array.dtype.str!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
        stream.seek(10)
        stream.write(text.ljust(header - 11).encode("latin1") + b"\n")
        total = header + array[0].nbytes * count
        stream.truncate(total)
        stream.seek(0)
        written = [zlib.crc32(stream.read(min(BLOCK, total - start))) for start in range(0, min(before, total), BLOCK)]
    starts = range(len(written) * BLOCK, total, BLOCK)
    hole = zlib.crc32(bytes(BLOCK))
    blocks = [hole if total - start >= BLOCK else zlib.crc32(bytes(total - start)) for start in starts]
    return Checksums(total, np.array([*written, *blocks], "<u4"))


def measure(name: str, folder: Path) -> Cost:
    """Cost of one measure in this process."""
    work = WORK[name](folder)
    before = anonymous_megabytes()
    with peak_memory() as peak:
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
    return Cost(seconds, max(0.0, peak() - before), peak())


@contextmanager
def peak_memory() -> Any:
    """Measure the anonymous memory; yields a function that returns its maximum in megabytes, afterwards."""
    peak, done = anonymous_megabytes(), threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.01):
            peak = max(peak, anonymous_megabytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield lambda: peak
    finally:
        done.set()
        watcher.join()


def anonymous_megabytes() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1000


def opening(folder: Path) -> Callable[[], object]:
    from scgan.data.prepared import PreparedDataset

    return lambda: PreparedDataset.open(folder)


def inspecting(folder: Path) -> Callable[[], object]:
    from scgan.data.inspect.inspect import inspect
    from scgan.data.prepared import PreparedDataset

    dataset = PreparedDataset.open(folder)
    return lambda: inspect(dataset)


def comparing(folder: Path) -> Callable[[], object]:
    """Search for near copies between two splits: as many thumbnails, as varied as those of the toy faces.

    The holes are copies of one image, which `inspect` compares once.
    """
    from scgan.data.inspect.duplicates import nearest_images, signatures
    from scgan.data.prepared import PreparedDataset

    dataset = PreparedDataset.open(folder)
    some = signatures(dataset.images[:64])[1]
    draw, thumbnails = np.random.default_rng(0), np.empty((len(dataset), some.shape[1]), np.float32)
    for start in range(0, len(dataset), 65536):
        part = thumbnails[start : start + 65536]
        part[:] = draw.multivariate_normal(some.mean(0), np.cov(some, rowvar=False), len(part), method="eigh")
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return lambda: nearest_images(thumbnails, dataset.rows_of("train"), dataset.rows_of("test"))


def reading(folder: Path) -> Callable[[], object]:
    """First batch of an opened folder; the order of the first epoch is part of it."""
    import torch

    from scgan.data.prepared import PreparedDataset
    from scgan.training.batches import Batches

    dataset = PreparedDataset.open(folder)

    def read() -> None:
        batches = Batches(dataset, dataset.split("train"), 16, seed=0, flip=True)
        batches.read(1, slice(0, 16), torch.device("cpu"), torch.float32)

    return read


def training(folder: Path) -> Callable[[], object]:
    """Training of two steps, with all that begins and ends it."""
    return lambda: _train(folder, 2, "--overwrite")


def resuming(folder: Path) -> Callable[[], object]:
    """One step more of that training."""
    _train(folder, 2, "--overwrite")
    return lambda: _train(folder, 3, "--resume")


def _train(folder: Path, steps: int, option: str) -> None:
    from scgan.cli import main

    run = folder.with_name(f"{folder.name}-run")
    settings = [f"--training.steps={steps}", "--segmentor.pretrain_steps=0", *TRAINING]
    if main(["train", f"--data={folder}", f"--out={run}", option, *settings]):
        raise RuntimeError("the training failed")


def sampling(folder: Path) -> Callable[[], object]:
    """Rows that evaluate judges, the first batch of them, and the reference of distances."""
    import torch  # noqa: F401 - its memory is not that of the measure

    from scgan.data.prepared import PreparedDataset
    from scgan.evaluation.evaluate import rows_to_judge
    from scgan.evaluation.realism import reference_rows
    from scgan.evaluation.scores import subset

    dataset = PreparedDataset.open(folder)

    def sample() -> None:
        for rows in (rows_to_judge(dataset), reference_rows(dataset)):
            chosen = subset(rows, 2048, seed=0)[:64]
            np.array(dataset.images[chosen]), dataset.generator_masks(chosen)

    return sample


WORK = dict(zip(MEASURES, (opening, inspecting, comparing, reading, training, resuming, sampling), strict=True))

if __name__ == "__main__":
    main()
