"""Stability of a model along paths: background change, evenness, mask accuracy.

    python benchmarks/steering.py MODEL --data DATA

A face turns, then smiles, with several fixed pairs of latent and attributes. Prints the change of the background (and
its change between latents with the same mask and attributes), the evenness of the motion, and the mask accuracy of
each frame according to an independent grader.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scgan import interpolation
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.metrics import confusion_matrices, mean_iou, pixel_accuracy
from scgan.graders.find import load_or_train_grader
from scgan.inference.synthesizer import load
from scgan.interpolation.measures import drift


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder: for end points and the grader")
    parser.add_argument("--grader", type=Path)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--latents", type=int, default=16)
    options = parser.parse_args()

    synthesizer, dataset = load(options.model), PreparedDataset.open(options.data)
    synthesizer.schema.require_same(dataset.schema, "the model", str(dataset.path))
    grader = load_or_train_grader(dataset, grader=options.grader)
    size, points = dataset.schema.image_size, np.asarray(dataset.landmarks)
    latents = synthesizer.sample_latent(options.latents, 0)
    rows = dataset.split("test")
    attributes = dataset.attributes[rows[np.linspace(0, len(rows) - 1, options.latents).astype(int)]]

    def confusion_of(masks: NDArray[np.uint8], images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Confusion matrices of every frame over all latents: (S, C, C)."""
        segmented = grader.segment(images.reshape(-1, size, size, 3))
        targets = np.broadcast_to(masks, (options.latents, *masks.shape)).reshape(-1, size, size)
        matrices = confusion_matrices(targets, segmented, dataset.schema.class_count)
        return matrices.reshape(options.latents, len(masks), *matrices.shape[1:]).sum(axis=0)

    for motion in interpolation.MOTIONS:
        start, end = interpolation.find_end_points(points, motion, size)
        path = interpolation.landmark_path(points[[start, end]], options.steps)
        interpolation.require_valid_path(path, size)
        masks = interpolation.draw_masks(path, size)
        strips = interpolation.render(synthesizer, masks, attributes[:, None], latents[:, None])
        along_path = np.mean([drift(strip, masks) for strip in strips], axis=0)
        middle = masks[len(masks) // 2]
        middle_masks = np.broadcast_to(middle, masks.shape)
        other_latents = synthesizer.sample_latent(options.steps, options.latents)
        varied = interpolation.render(synthesizer, middle, attributes[:, None], other_latents)
        by_latent = np.mean([drift(strip, middle_masks) for strip in varied], axis=0)
        matrices = confusion_of(masks, strips)
        accuracy, overlap = pixel_accuracy(matrices), mean_iou(matrices)
        print(f"{motion}, row {start} to row {end}, {options.steps} frames, {options.latents} latents and attributes")
        print(f"  background changes by {along_path[0]:.4f}, at the border {along_path[1]:.4f}")
        print(f"  with other latents by {by_latent[0]:.4f}, at the border {by_latent[1]:.4f}")
        print(f"  largest step / mean step: {along_path[2]:.2f}")
        for name, values in (("pixel accuracy", accuracy), ("mean IoU", overlap)):
            ends = (values[0] + values[-1]) / 2
            print(
                f"  {name} ({grader.name}): ends {ends:.4f}, path {values[1:-1].mean():.4f}, minimum {values.min():.4f}"
            )


if __name__ == "__main__":
    main()
