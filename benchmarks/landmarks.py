"""Landmark errors of a model's images by parts of the face, and how far dlib itself is off on photos that are changed.

    python benchmarks/landmarks.py faces --data faces128

The rows of photos are the limit of the measure: mirrored, darker and blurred photos have the landmarks of the photos,
and dlib finds them elsewhere. Errors are in distances between the outer corners of the eyes, medians over the images of
the mean over the points.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

import scgan
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.landmarks import find_landmarks, point_errors
from scgan.faces import landmarks as face
from scgan.faces.detector import shared_detector

Pixels = NDArray[np.uint8]

PARTS = {
    "all": slice(0, face.LANDMARK_COUNT),
    "jaw": face.JAW,
    "eyebrows": slice(face.LEFT_EYEBROW.start, face.RIGHT_EYEBROW.stop),
    "nose": slice(face.BRIDGE.start, face.NOSE_BASE.stop),
    "eyes": slice(face.LEFT_EYE.start, face.RIGHT_EYE.stop),
    "lips": slice(face.OUTER_LIPS.start, face.INNER_LIPS.stop),
}


def blurred(image: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(1)))


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "photos": lambda image: image,
    "darker (.6 of the light)": lambda image: (image * 0.6).astype(np.uint8),
    "blurred (Gaussian, a pixel)": blurred,
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder with landmarks")
    parser.add_argument("--count", type=int, default=240, help="images of the test split")
    options = parser.parse_args(arguments)

    dataset, model = PreparedDataset.open(options.data), scgan.load(options.model)
    rows = dataset.split("test")[: options.count]
    if dataset.landmarks is None:
        parser.error(f"{options.data} has no landmarks")
    points, photos = np.asarray(dataset.landmarks[rows]), np.asarray(dataset.images[rows])
    latents = model.sample_latent(len(rows), seed=0)
    generated = np.concatenate(
        [
            model.generate(dataset.generator_masks(rows[part]), dataset.attributes[rows[part]], latents[part])
            for part in (slice(first, first + 16) for first in range(0, len(rows), 16))
        ]
    )
    mirrored = photos[:, :, ::-1], face.mirror(points)
    print("| | " + " | ".join(PARTS) + " |\n|---|" + "---|" * len(PARTS))
    print_row("generated", generated, points)
    for name, change in CHANGES.items():
        print_row(name, np.stack([change(photo) for photo in photos]), points)
    print_row("mirrored", *mirrored)


def print_row(name: str, images: Pixels, points: face.Points) -> None:
    detector = shared_detector("dlib")
    errors = [
        point_errors(found, known)
        for image, known in zip(images, points, strict=True)
        if (found := find_landmarks(image, detector)) is not None
    ]
    medians = [float(np.median(np.stack(errors)[:, part].mean(1))) for part in PARTS.values()]
    print(f"| {name} | " + " | ".join(f"{value:.4f}" for value in medians) + " |", flush=True)


if __name__ == "__main__":
    main()
