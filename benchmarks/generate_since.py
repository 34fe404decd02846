"""Duration of generating 256 images, compared with an earlier commit in one run.

    python benchmarks/generate_since.py 783415c [--rounds 5] [--threads 2]

Both generate 256 images of the shipped model `faces` (64×64, width 32) in batches of 64, as `synthesize` and `evaluate`
do, each with its default engine.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from since import compare, work

COUNT, BATCH = 256, 64


def generate(threads: int) -> None:
    """Generate the images once for each line of standard input."""
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    import scgan

    model = scgan.load("faces")
    examples = model.examples
    rows = np.arange(COUNT) % len(examples.attributes)

    def do_round() -> None:
        for start in range(0, COUNT, BATCH):
            part = rows[start : start + BATCH]
            model.generate(examples.segmentations[part], examples.attributes[part], seed=start)

    work(do_round)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the earlier commit")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each commit, after one to warm up")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        generate(options.threads)
        return
    ratio = compare(options.commit, Path(__file__), options.threads, options.rounds)
    print(
        f"{COUNT} images, {options.threads} threads: median ratio {ratio:.2f}, {1 / ratio:.2f} times as many a second"
    )


if __name__ == "__main__":
    main()
