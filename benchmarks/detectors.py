"""Compare the detectors of landmarks: MediaPipe against dlib, and each with itself on mirrored and on moved photos.

The offsets of MediaPipe's landmarks are fitted on one half of the people; the tables are about the other half. All
distances are in distances between the outer corners of the eyes, medians over photos.

    python benchmarks/detectors.py LONDON CELEBA              # folders of both sets; 240 photos of CELEBA
    python benchmarks/detectors.py LONDON CELEBA --fit        # print the offsets of src/scgan/faces/mediapipe_points.py
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import read_photo
from scgan.faces.detector import Detector
from scgan.faces.dlib_detector import DlibDetector
from scgan.faces.landmarks import (
    BRIDGE,
    INNER_LIPS,
    JAW,
    LEFT_EYE,
    LEFT_EYEBROW,
    MIRRORED,
    NOSE_BASE,
    OUTER_LIPS,
    RIGHT_EYE,
    RIGHT_EYEBROW,
)
from scgan.faces.mediapipe_detector import MediapipeDetector
from scgan.faces.mediapipe_points import OFFSETS, face_axes

GROUPS = {
    "jaw": JAW,
    "brows": slice(LEFT_EYEBROW.start, RIGHT_EYEBROW.stop),
    "nose": slice(BRIDGE.start, NOSE_BASE.stop),
    "eyes": slice(LEFT_EYE.start, RIGHT_EYE.stop),
    "lips": slice(OUTER_LIPS.start, INNER_LIPS.stop),
    "all": slice(None),
}
_SHIFT = np.array([5, 7])  # pixels that a moved photo loses at the left and at the top

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Find = Callable[[Pixels], Floats | None]


class Photo(NamedTuple):
    """A photo and the person on it."""

    file: Path
    person: str


def london_photos(folder: Path) -> list[Photo]:
    """Both photos of each person."""
    return [Photo(file, file.stem) for file in sorted(folder.glob("*/*.jpg"))]


def celeba_photos(folder: Path, count: int) -> list[Photo]:
    """Some photos of CelebA's layout, drawn at random."""
    lines = (folder / "identity_CelebA.txt").read_text().splitlines()
    people = dict(line.split() for line in lines)
    names = random.Random(0).sample(sorted(people), count)
    return [Photo(folder / "img_align_celeba" / name, people[name]) for name in sorted(names)]


def halves(photos: Sequence[Photo]) -> tuple[list[Photo], list[Photo]]:
    """Photos of every second person, and of the others."""
    people = set(sorted({photo.person for photo in photos})[::2])
    return [p for p in photos if p.person in people], [p for p in photos if p.person not in people]


def finder(detector: Detector) -> Find:
    """Landmarks of the middle face in pixels."""

    def find(image: Pixels) -> Floats | None:
        faces = detector.detect_all(image)
        return faces[0].astype(np.float64) * image.shape[1::-1] if faces else None

    return find


def without_offsets(points: Floats) -> Floats:
    """Landmarks of MediaPipe before the offsets, from those with them."""
    # The offsets are in axes that they themselves turn a little; a few steps find these.
    raw = points
    for _ in range(5):
        raw = points - OFFSETS @ face_axes(raw)
    return raw


def differences(one: Floats, other: Floats) -> Floats:
    """Vectors from the landmarks of ``one`` to those of ``other`` in axes of the face of ``one``, (68, 2)."""
    return np.linalg.solve(face_axes(one).T, (other - one).T).T


def fit(photos: Sequence[Photo], mediapipe: Find, dlib: Find) -> None:
    """Print the offsets, made equal on both sides."""
    vectors = []
    for photo in photos:
        image = read_photo(photo.file)
        one, other = mediapipe(image), dlib(image)
        if one is not None and other is not None:
            vectors.append(differences(without_offsets(one), other))
    median = np.median(vectors, 0)
    median = (median + median[MIRRORED] * (-1, 1)) / 2
    print(f"# {len(vectors)} photos")
    for number in range(len(median)):
        if MIRRORED[number] >= number:
            x, y = median[number]
            print(f"    {number}: ({x:.3f}, {y:.3f}),".replace("-0.000", "0.000"))


def row(title: str, errors: Sequence[Floats]) -> str:
    """A row of the table: median over photos of the mean distance in each group; ``errors`` (N, 68)."""
    values = np.array(errors)
    cells = [f"{np.median(values[:, group].mean(1)):.3f}"[1:] for group in GROUPS.values()]
    return f"| {title} | {' | '.join(cells)} |"


def span(points: Floats) -> float:
    return float(np.linalg.norm(face_axes(points)[0]))


def compare(name: str, photos: Sequence[Photo], mediapipe: Find, dlib: Find) -> None:
    """Print the rows of one set."""
    between: list[Floats] = []
    before: list[Floats] = []
    own: dict[str, list[Floats]] = {}
    missed, seconds = {"mediapipe": 0, "dlib": 0}, {"mediapipe": 0.0, "dlib": 0.0}
    for photo in photos:
        image = read_photo(photo.file)
        points: dict[str, Floats | None] = {}
        for title, find in (("mediapipe", mediapipe), ("dlib", dlib)):
            start = time.process_time()
            points[title] = face = find(image)
            seconds[title] += time.process_time() - start
            if face is None:
                missed[title] += 1
                continue
            for kind, other in (("mirrored", mirrored(find, image)), ("moved", moved(find, image))):
                if other is not None:
                    errors = np.linalg.norm(other - face, axis=1) / span(face)
                    own.setdefault(f"{title}, {kind}", []).append(errors)
        one, other = points["mediapipe"], points["dlib"]
        if one is not None and other is not None:
            raw = without_offsets(one)
            between.append(np.linalg.norm(one - other, axis=1) / span(other))
            before.append(np.linalg.norm(raw - other, axis=1) / span(other))
    print(row(f"{name}: MediaPipe to dlib", between))
    print(row(f"{name}: the same without offsets", before))
    for title in sorted(own):
        print(row(f"{name}: {title}", own[title]))
    costs = ", ".join(f"{key} {1000 * seconds[key] / len(photos):.0f} ms" for key in seconds)
    print(f"<!-- {name}: {len(photos)} photos; missed {missed}; processor time for a photo: {costs} -->")


def mirrored(find: Find, image: Pixels) -> Floats | None:
    """Landmarks found in the mirror image, mirrored back."""
    points = find(np.ascontiguousarray(image[:, ::-1]))
    return None if points is None else points[MIRRORED] * (-1, 1) + (image.shape[1], 0)


def moved(find: Find, image: Pixels) -> Floats | None:
    """Landmarks found in a photo that has lost some rows and columns."""
    points = find(np.ascontiguousarray(image[_SHIFT[1] :, _SHIFT[0] :]))
    return None if points is None else points + _SHIFT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("london", type=Path)
    parser.add_argument("celeba", type=Path)
    parser.add_argument("--photos", type=int, default=240, help="number of CelebA's photos")
    parser.add_argument("--fit", action="store_true", help="print the offsets, from the first half of the people")
    arguments = parser.parse_args()

    mediapipe, dlib = finder(MediapipeDetector()), finder(DlibDetector())
    sets = {
        "London": halves(london_photos(arguments.london)),
        "CelebA's layout": halves(celeba_photos(arguments.celeba, arguments.photos)),
    }
    if arguments.fit:
        fit([photo for first, _ in sets.values() for photo in first], mediapipe, dlib)
        return
    print(f"| | {' | '.join(GROUPS)} |\n|---|{'---|' * len(GROUPS)}")
    for name, (_, second) in sets.items():
        compare(name, second, mediapipe, dlib)


if __name__ == "__main__":
    main()
