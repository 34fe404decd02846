"""Figure 5, NoSmile2Smile: a face begins to smile; each row has its attributes, all share one latent.

python examples/figure5.py MODEL figure5.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import scgan
from scgan.interpolation import align_face, builtin_sequence, draw_masks, landmark_path, render, require_valid_path
from scgan.schema import colorize
from scgan.utils.figures import ImageTable, save_table


def main(model: str, out: str) -> None:
    synthesizer = scgan.load(model)
    schema, examples = synthesizer.schema, synthesizer.examples

    # Masks are never blended: 68 points move, and each mask is drawn from its own points.
    points = landmark_path(builtin_sequence("nosmile2smile"), steps=8)  # (8, 68, 2), fractions of the image
    points = align_face(points, examples.landmarks.mean(axis=0))  # where the model's faces are
    require_valid_path(points, schema.image_size)
    masks = draw_masks(points, schema.image_size)  # (8, H, W)

    attributes = np.unique(examples.attributes, axis=0)[-4:]
    latent = synthesizer.sample_latent(1, seed=0)[0]
    images = render(synthesizer, masks, attributes[:, None], latent)  # (4, 8, H, W, 3)
    names = [", ".join(np.array(schema.attribute_names)[vector > 0]) or "no attribute" for vector in attributes]
    table = ImageTable(
        title="SCGAN: NoSmile2Smile",
        images=np.concatenate([colorize(masks, schema)[None], images]),
        rows=["mask", *names],
        columns=[f"{step + 1}" for step in range(len(masks))],
        down="attributes",
        across="frame",
    )
    save_table(Path(out), table)


if __name__ == "__main__":
    main(*sys.argv[1:])
