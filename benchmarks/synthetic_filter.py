"""What does the filter of synthesize keep, and what does it let through? A table over strengths of jitter.

    python benchmarks/synthetic_filter.py MODEL --data DATA

For each jitter that many pictures are drawn once, with labels and masks of the train split, and judged against their
own masks and against those of other pictures. The threshold is the one that synthesize takes from the photos.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from scgan.data.prepared import PreparedDataset
from scgan.graders.find import find_grader, load_or_train_grader
from scgan.graders.kinds import MASKS
from scgan.inference.latents import latent_vector
from scgan.inference.synthesizer import load
from scgan.models.find import find_model
from scgan.synthesis.candidates import Candidates
from scgan.synthesis.filter import agreement_of_photos, mask_agreement
from scgan.synthesis.labels import as_found

BLOCK = 64


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder")
    parser.add_argument("--count", type=int, default=384, help="pictures for each jitter")
    parser.add_argument("--jitters", type=float, nargs="+", default=[0, 0.5, 1, 2])
    options = parser.parse_args(words)

    dataset, folder = PreparedDataset.open(options.data), find_model(options.model)
    synthesizer = load(folder)
    grader = load_or_train_grader(dataset, grader=find_grader(MASKS, None, folder, dataset.fingerprint))
    threshold = agreement_of_photos(grader, dataset)
    rows = dataset.split("test")
    photos = mask_agreement(grader, dataset.images[rows], dataset.segmentations[rows]).mean()
    print(f"data {dataset.fingerprint}, grader {grader.name}, seed 0")
    print(f"photos of the test split reach {photos:.3f}, the threshold is {threshold:.3f}\n")
    print("| jitter | masks broke | mean IoU | passed | passed when judged against another picture's mask |")
    print("|---|---|---|---|---|")
    for jitter in options.jitters:
        candidates = Candidates(dataset, as_found(dataset, dataset.split("train")), jitter, 0)
        drawn = [candidates.draw(picture, 1) for picture in range(options.count)]
        image_specs = [candidate.recipe for candidate in drawn if candidate is not None]
        masks = np.stack([recipe.segmentation for recipe in image_specs])
        labels = np.stack([recipe.attributes for recipe in image_specs])
        latents = np.stack([latent_vector(synthesizer, recipe.latent) for recipe in image_specs])
        blocks = np.split(np.arange(len(image_specs)), range(BLOCK, len(image_specs), BLOCK))
        images = np.concatenate([synthesizer.generate(masks[at], labels[at], latents[at]) for at in blocks])
        own, other = (mask_agreement(grader, images, asked) for asked in (masks, np.roll(masks, 1, axis=0)))
        passed = f"{(own >= threshold).mean():.0%} | {(other >= threshold).mean():.0%}"
        print(f"| {jitter:g} | {1 - len(image_specs) / options.count:.0%} | {own.mean():.3f} | {passed} |")


if __name__ == "__main__":
    main()
