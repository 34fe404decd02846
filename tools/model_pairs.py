"""Two models side by side: the same masks, attributes and latents, chosen at random.

    python tools/model_pairs.py OLD NEW --data faces128 --out pairs.png
    python tools/model_pairs.py OLD NEW --data faces128 --out blind.png --blind blind.json

Masks and attributes are those of random items of the test split. Where masks are drawn from landmarks, each model gets
them drawn at its own size; other masks are resized by nearest neighbor. Images of the smaller model are enlarged
(bicubic). Each row has a mask, then the image of each model. With ``--blind`` the order within each row is random, and
the file says which column has the new model: give the image to somebody who does not know it, then count.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import scgan
from scgan.data.images import center_square, cut_mask
from scgan.data.prepared import PreparedDataset
from scgan.faces.rasterize import rasterize
from scgan.inference.synthesizer import Synthesizer
from scgan.utils.images import grid


def masks_for(model: Synthesizer, dataset: PreparedDataset, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Masks (N, H, W) of items at the size of a model."""
    size = model.schema.image_size
    if dataset.landmarks is not None:
        return np.stack([rasterize(points, size) for points in dataset.landmarks[rows]])
    return np.stack([cut_mask(mask, center_square(mask), size) for mask in dataset.generator_masks(rows)])


def images_of(model: Synthesizer, dataset: PreparedDataset, rows: NDArray[np.int64], size: int) -> NDArray[np.uint8]:
    """Images (N, size, size, 3) of a model for items; item i has the latent of seed i."""
    images = model.generate(masks_for(model, dataset, rows), np.array(dataset.attributes[rows]), seed=0)
    return np.stack(
        [np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)) for image in images]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", help="a model: folder or name")
    parser.add_argument("new", help="the same")
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder with a test split")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0, help="of the items, and of the order with --blind")
    parser.add_argument("--out", type=Path, required=True, help="the image")
    parser.add_argument("--blind", type=Path, help="shuffle the columns, and write here which has the new model")
    options = parser.parse_args()
    dataset = PreparedDataset.open(options.data)
    rng = np.random.default_rng(options.seed)
    rows = np.sort(rng.choice(dataset.split("test"), options.count, replace=False))
    models = [scgan.load(options.old), scgan.load(options.new)]
    size = max(model.schema.image_size for model in models)
    old, new = (images_of(model, dataset, rows, size) for model in models)
    colors = np.array(dataset.schema.class_colors, np.uint8)
    shown = models[1].schema.image_size
    masks = colors[masks_for(models[1], dataset, rows)].repeat(size // shown, 1).repeat(size // shown, 2)
    swapped = rng.random(options.count) < 0.5 if options.blind else np.zeros(options.count, bool)
    first, second = (np.where(swapped[:, None, None, None], *pair) for pair in ((new, old), (old, new)))
    cells = np.stack([masks, first, second], 1).reshape(-1, size, size, 3)
    Image.fromarray(grid(cells, 6)).save(options.out)
    if options.blind:
        places = {f"{pair + 1}": "left" if swap else "right" for pair, swap in enumerate(swapped)}
        options.blind.write_text(json.dumps({"new": places, "items": rows.tolist()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
