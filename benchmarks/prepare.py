"""Compare `scgan prepare celeba` with a bare loop of dlib, and workers of Dask with local processes.

    python benchmarks/prepare.py CELEBA_FOLDER

All three read the same photos with as many processes, in turn. The goals: preparing has at least 0.95 of the loop's
rate (decoding, cropping, drawing masks and writing in order are the rest), and Dask's workers 0.9 of that of local
processes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def dask_workers(count: int) -> Iterator[Callable[[CelebA, int], None]]:
    """Start a scheduler and workers of one thread each; yields what prepares on them."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None) as cluster:

        def prepare_on_cluster(source: CelebA, processes: int) -> None:
            with tempfile.TemporaryDirectory() as folder:
                prepare(source, Path(folder) / "out", max_skipped=1, cluster=cluster.scheduler_address)

        yield prepare_on_cluster


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
    to_loop, to_local = [], []
    with dask_workers(options.processes) as prepare_on_cluster:
        for number in range(1, options.rounds + 1):
            order = (bare_loop, full_prepare, prepare_on_cluster)
            order = order if number % 2 else order[::-1]  # so that drift favours none
            times = {function: seconds(function, source, options.processes) for function in order}
            loop, local, cluster = (len(source.names) / times[each] for each in order[:: 1 if number % 2 else -1])
            to_loop.append(local / loop)
            to_local.append(cluster / local)
            rates = f"dlib alone {loop:.1f} photos/s, prepare {local:.1f}, on Dask's workers {cluster:.1f}"
            print(f"round {number}: {rates}; ratios {to_loop[-1]:.3f} and {to_local[-1]:.3f}", flush=True)
    print(f"{options.processes} processes, medians of {options.rounds} rounds:")
    print(f"prepare : dlib alone {statistics.median(to_loop):.3f} (goal: at least 0.95)")
    print(f"Dask's workers : local processes {statistics.median(to_local):.3f} (goal: at least 0.9)")


if __name__ == "__main__":
    main()
