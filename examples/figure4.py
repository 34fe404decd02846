"""Figure 4: one latent; each row has its mask, each column its attributes.

python examples/figure4.py MODEL figure4.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import scgan
from scgan.interpolation import render
from scgan.schema import colorize
from scgan.utils.figures import ImageTable, save_table


def main(model: str, out: str) -> None:
    synthesizer = scgan.load(model)
    schema = synthesizer.schema
    masks = synthesizer.examples.segmentations[:5]  # (5, H, W): any class indices that the model knows
    texts = ["", *schema.attribute_names]
    attributes = np.stack([schema.parse_attributes(text) for text in texts])  # (n, n_c)
    latent = synthesizer.sample_latent(1, seed=0)[0]  # (n_z,)

    # Leading axes are broadcast: (5, 1) masks and (n,) attributes give 5 rows of n images.
    images = render(synthesizer, masks[:, None], attributes, latent)
    table = ImageTable(
        title="SCGAN: one latent, each row has its mask, each column its attributes",
        images=np.concatenate([colorize(masks, schema)[:, None], images], axis=1),
        rows=[f"mask {number}" for number in range(1, len(masks) + 1)],
        columns=["mask", *(text or "no attribute" for text in texts)],
        down="",
        across="attributes",
        asides=1,
    )
    save_table(Path(out), table)


if __name__ == "__main__":
    main(*sys.argv[1:])
