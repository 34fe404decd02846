"""Judge a model at a larger size than its own: its images are enlarged (bicubic) before they are judged.

    python benchmarks/enlarged.py OLD_MODEL --data faces128 --grader NEW_MODEL --out scores.json

The scores can be compared with those of `scgan evaluate NEW_MODEL --data faces128 --judge-attributes --judge-landmarks`
with the same features. Masks are drawn at both sizes where the data have landmarks, else resized by nearest neighbor.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import scgan
from scgan.data.images import center_square, cut_mask
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.evaluate import evaluate
from scgan.evaluation.features import make_features
from scgan.faces.detector import shared_detector
from scgan.faces.rasterize import rasterize
from scgan.graders.find import load_or_train_attribute_grader, load_or_train_grader
from scgan.models.find import find_model

Pixels = NDArray[np.uint8]


class Enlarged:
    """A model whose images are enlarged to the size of a data set, as ``evaluate`` needs it."""

    def __init__(self, name: str, dataset: PreparedDataset) -> None:
        self.model, self.schema = scgan.load(name), dataset.schema
        self.sample_latent = self.model.sample_latent
        rows = dataset.split("test")
        size = self.model.schema.image_size
        masks = dataset.generator_masks(rows)
        if dataset.landmarks is None:
            smaller = [cut_mask(mask, center_square(mask), size) for mask in masks]
        else:
            smaller = [rasterize(points, size) for points in dataset.landmarks[rows]]
        # By the mask at the data's size that at the model's.
        self.smaller = {mask.tobytes(): small for mask, small in zip(masks, smaller, strict=True)}

    def generate(self, masks: Pixels, attributes: NDArray[np.float32], latents: NDArray[np.float32]) -> Pixels:
        images = self.model.generate(np.stack([self.smaller[mask.tobytes()] for mask in masks]), attributes, latents)
        size = (masks.shape[2], masks.shape[1])
        return np.stack([np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)) for image in images])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a model of a smaller size than the data")
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder")
    parser.add_argument("--grader", required=True, help="a model at the data's size, whose graders judge")
    parser.add_argument("--features", nargs="+", default=["efficientnet-lite2"])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    dataset, graders = PreparedDataset.open(options.data), find_model(options.grader)
    scores: dict[str, Any] = evaluate(
        cast(Any, Enlarged(options.model, dataset)),
        dataset,
        load_or_train_grader(dataset, grader=graders / "grader"),
        attribute_grader=load_or_train_attribute_grader(dataset, grader=graders / "attribute-grader"),
        features=[make_features(name, "cpu") for name in options.features],
        detector=None if dataset.landmarks is None else shared_detector("dlib"),
    )
    options.out.write_text(json.dumps(scores, indent=1) + "\n")
    print(options.out)


if __name__ == "__main__":
    main()
