"""Duration of generating 256 images, compared with an earlier commit in one run.

    python benchmarks/generate_since.py 783415c [--rounds 5] [--threads 2]

Both generate 256 images of a model of faces (64×64, width 32) in batches of 64, as `synthesize` and `evaluate`
do, each with its default engine.
"""

from __future__ import annotations

from pathlib import Path

from since import faces_at_64, main, work

COUNT, BATCH = 256, 64


def generate(threads: int) -> None:
    """Generate the images once for each line of standard input."""
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    import scgan

    model = scgan.load(faces_at_64())
    examples = model.examples
    rows = np.arange(COUNT) % len(examples.attributes)

    def do_round() -> None:
        for start in range(0, COUNT, BATCH):
            part = rows[start : start + BATCH]
            model.generate(examples.segmentations[part], examples.attributes[part], seed=start)

    work(do_round)


if __name__ == "__main__":
    main(Path(__file__), __doc__, generate, f"{COUNT} images")
