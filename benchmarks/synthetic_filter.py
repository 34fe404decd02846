"""Pass rates of the filter of `scgan synthesize`, as a table over jitter.

    python benchmarks/synthetic_filter.py MODEL --data DATA

For each jitter, images are drawn once, with attributes and masks of the training split, and compared with their own
masks and with those of other images. The threshold is the default of `scgan synthesize`, taken from photos.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from scgan.data.prepared import PreparedDataset
from scgan.graders.find import find_grader, load_or_train_grader
from scgan.graders.kinds import MASKS
from scgan.inference.manifest import generate_images
from scgan.inference.synthesizer import load
from scgan.models.find import find_model
from scgan.synthesis.attributes import observed_mix
from scgan.synthesis.candidates import Candidates
from scgan.synthesis.filter import image_mask_iou, photo_threshold
from scgan.utils.batching import batches

BATCH_SIZE = 64


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder")
    parser.add_argument("--count", type=int, default=384, help="images for each jitter")
    parser.add_argument("--jitters", type=float, nargs="+", default=[0, 0.5, 1, 2])
    options = parser.parse_args(arguments)

    dataset, folder = PreparedDataset.open(options.data), find_model(options.model)
    synthesizer = load(folder)
    grader = load_or_train_grader(dataset, grader=find_grader(MASKS, None, folder, dataset.fingerprint))
    threshold = photo_threshold(grader, dataset)
    rows = dataset.split("test")
    photos = image_mask_iou(grader, dataset.images[rows], dataset.segmentations[rows]).mean()
    print(f"data {dataset.fingerprint}, grader {grader.name}, seed 0")
    print(f"photos of the test split reach {photos:.3f}, the threshold is {threshold:.3f}\n")
    print("| jitter | masks broke | mean IoU | passed | passed when compared with another image's mask |")
    print("|---|---|---|---|---|")
    for jitter in options.jitters:
        candidates = Candidates(dataset, observed_mix(dataset, dataset.split("train")), jitter, 0)
        drawn = [candidates.draw(index, 1) for index in range(options.count)]
        specs = [candidate.spec for candidate in drawn if candidate is not None]
        masks = np.stack([spec.segmentation for spec in specs])
        images = np.concatenate([generate_images(synthesizer, specs[part]) for part in batches(len(specs), BATCH_SIZE)])
        iou = image_mask_iou(grader, images, masks)
        shuffled_iou = image_mask_iou(grader, images, np.roll(masks, 1, axis=0))
        passed = f"{(iou >= threshold).mean():.0%} | {(shuffled_iou >= threshold).mean():.0%}"
        print(f"| {jitter:g} | {1 - len(specs) / options.count:.0%} | {iou.mean():.3f} | {passed} |")


if __name__ == "__main__":
    main()
