"""Figure 7: one mask, many latents; each row has its attributes. Then one mask becomes another, without landmarks.

    python examples/figure7.py MODEL figure7.png

Made for fashion; it works for any model.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import scgan
from scgan.interpolation import fractions, interpolate_masks, render
from scgan.schema import colorize
from scgan.utils.figures import ImageTable, save_table


def main(model: str, out: str) -> None:
    synthesizer = scgan.load(model)
    schema, examples = synthesizer.schema, synthesizer.examples
    count = 7
    latents = synthesizer.sample_latent(count, seed=0)  # (7, n_z)
    attributes = np.unique(examples.attributes, axis=0)[:3]  # (3, n_c)
    start, end = examples.segmentations[:2]

    images_of_latents = render(synthesizer, start, attributes[:, None], latents)  # (3, 7, H, W, 3)
    path = interpolate_masks(start, end, fractions(count))  # (7, H, W): each class moves and changes its shape
    images_of_path = render(synthesizer, path, attributes[0], latents[0])  # (7, H, W, 3)

    names = [", ".join(np.array(schema.attribute_names)[vector > 0]) or "no attribute" for vector in attributes]
    table = ImageTable(
        title="SCGAN: one mask and many latents; one latent and a mask that changes",
        images=np.concatenate([images_of_latents, colorize(path, schema)[None], images_of_path[None]]),
        rows=[*names, "another mask", names[0]],
        columns=[f"{number + 1}" for number in range(count)],
        down="attributes",
        across="latent, then position on the path",
    )
    save_table(Path(out), table)


if __name__ == "__main__":
    main(*sys.argv[1:])
