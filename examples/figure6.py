"""Figure 6: a head turns from left to right in columns, one latent becomes another in rows.

    python examples/figure6.py MODEL figure6.png [DATA]

With a prepared folder, the end points are two of its faces that differ in yaw and are similar in everything else.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import scgan
from scgan import interpolation
from scgan.data.prepared import PreparedDataset
from scgan.schema import colorize
from scgan.utils.figures import ImageTable, save_table


def main(model: str, out: str, data: str | None = None) -> None:
    synthesizer = scgan.load(model)
    schema, examples = synthesizer.schema, synthesizer.examples
    if data is None:
        points = interpolation.landmark_path(interpolation.builtin_sequence("left2right"), steps=8)
        points = interpolation.align_face(points, examples.landmarks.mean(axis=0))
    else:
        faces = np.asarray(PreparedDataset.open(data).landmarks)
        start, end = interpolation.find_end_points(faces, "left2right", schema.image_size)
        points = interpolation.landmark_path(faces[[start, end]], steps=8)
    masks = interpolation.draw_masks(points, schema.image_size)  # (8, H, W)

    start_latent, end_latent = synthesizer.sample_latent(2, seed=0)
    latents = interpolation.slerp(start_latent, end_latent, interpolation.fractions(5))  # (5, n_z)

    images = interpolation.render(synthesizer, masks, examples.attributes[0], latents[:, None])  # (5, 8, H, W, 3)
    table = ImageTable(
        title="SCGAN: Left2Right and latents",
        images=np.concatenate([colorize(masks, schema)[None], images]),
        rows=["mask", *(f"{share:.0%}" for share in interpolation.fractions(5))],
        columns=[f"{step + 1}" for step in range(len(masks))],
        down="from one latent to another",
        across="frame",
    )
    save_table(Path(out), table)


if __name__ == "__main__":
    main(*sys.argv[1:])
