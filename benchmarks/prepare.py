"""Compare `scgan prepare celeba` with a bare loop of dlib: same photos, same number of processes, alternating.

    python benchmarks/prepare.py CELEBA_FOLDER

The goal is a ratio of at least 0.9: decoding, cropping, drawing masks and writing in order may cost a tenth.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from scgan.data.prepare.prepare import prepare
from scgan.data.sources.celeba import CelebA, open_celeba
from scgan.faces.detector import NoFace
from scgan.faces.dlib_detector import DlibDetector


@cache
def detector() -> DlibDetector:
    return DlibDetector()


def detect(file: Path) -> bool:
    try:
        detector().detect(np.asarray(Image.open(file).convert("RGB")))
    except NoFace:
        return False
    return True


def bare_loop(source: CelebA, processes: int) -> None:
    files = [source.photos / name for name in source.names]
    with get_context("spawn").Pool(processes) as pool:
        pool.map(detect, files, chunksize=8)


def full_prepare(source: CelebA, processes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(source, Path(folder) / "out", processes, max_skipped=1)


def seconds(function: Callable[[CelebA, int], None], source: CelebA, processes: int) -> float:
    start = time.perf_counter()
    function(source, processes)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder in CelebA's layout")
    parser.add_argument("--count", type=int, default=1600, help="photos in one round; starting costs as much as 60")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()

    full = open_celeba(options.folder, options.size, detector="dlib")
    first = slice(options.count)
    source = replace(full, names=full.names[first], splits=full.splits[first], attributes=full.attributes[first])
    ratios = []
    for number in range(1, options.rounds + 1):
        order = (bare_loop, full_prepare) if number % 2 else (full_prepare, bare_loop)  # so that drift favours neither
        times = {function: seconds(function, source, options.processes) for function in order}
        bare, full_time = times[bare_loop], times[full_prepare]
        ratios.append(bare / full_time)
        count = len(source.names)
        rates = f"dlib alone {count / bare:.1f} photos/s, prepare {count / full_time:.1f} photos/s"
        print(f"round {number}: {rates}, ratio {ratios[-1]:.3f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.3f} with {options.processes} processes (goal: at least 0.9)")


if __name__ == "__main__":
    main()
