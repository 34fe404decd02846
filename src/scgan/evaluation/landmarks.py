"""Landmark error: distance of the landmarks detected in images from those that the masks were drawn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.evaluation.measures import LANDMARKS
from scgan.evaluation.metrics import Floats, resampled_interval
from scgan.evaluation.scores import Scores, compared_score
from scgan.faces.landmarks import LEFT_EYE, RIGHT_EYE, Points
from scgan.utils.errors import UserError

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset

Pixels = NDArray[np.uint8]

# Smaller images are enlarged to this side: detectors miss small faces, and dlib's gives whole pixels.
_SIDE = 256


class FaceFinder(Protocol):
    """Detector of faces, as ``scgan.faces.detector.Detector``."""

    name: str

    def detect_all(self, image: Pixels) -> list[Points]:
        """Find the landmarks of all faces, the one nearest to the middle first."""
        ...


def landmark_errors(images: Pixels, points: NDArray[Any], detector: FaceFinder) -> Floats:
    """Mean distance of the detected landmarks from known ones, in each image.

    Args:
        images: uint8 (N, H, W, 3).
        points: float (N, 68, 2), where the landmarks should be, fractions of the image.
        detector: finds faces; the one nearest to the middle of the image counts.

    Returns:
        float64 (N,), in distances between the outer corners of the eyes; infinite where no face is found.
    """
    errors = np.full(len(images), np.inf)
    for row, (image, face) in enumerate(zip(images, np.asarray(points, np.float64), strict=True)):
        found = find_landmarks(image, detector)
        if found is not None:
            errors[row] = point_errors(found, face).mean()
    return errors


def find_landmarks(image: Pixels, detector: FaceFinder) -> Points | None:
    """Landmarks of the face nearest to the middle of a small image (H, W, 3), which is enlarged for it: (68, 2)."""
    return next(iter(detector.detect_all(_enlarged(image))), None)


def point_errors(found: NDArray[Any], known: NDArray[Any]) -> Floats:
    """Distance of each point from where it should be, in distances between the outer corners of the eyes: (68,)."""
    return np.asarray(np.linalg.norm(found - known, axis=-1) / eye_span(known), np.float64)


def eye_span(points: NDArray[Any]) -> Any:
    """Distance between the outer corners of the eyes: (…, 68, 2) → (…)."""
    return np.linalg.norm(points[..., RIGHT_EYE.start + 3, :] - points[..., LEFT_EYE.start, :], axis=-1)


def require_landmarks(dataset: PreparedDataset) -> None:
    """Check that the landmark error can be measured on a data set.

    Raises:
        UserError: it has no landmarks.
    """
    if dataset.landmarks is None:
        raise UserError(
            f"--judge-landmarks compares with the landmarks of the masks, but {dataset.path} has none: leave it out."
        )


class LandmarkErrors:
    """Landmark errors of generated and of real images, collected batch by batch."""

    def __init__(self, detector: FaceFinder | None, dataset: PreparedDataset) -> None:
        """Measure with ``detector``; without one nothing is measured.

        Raises:
            UserError: there is a detector, but the data set has no landmarks.
        """
        self.detector, self.landmarks = detector, dataset.landmarks
        if detector is not None:
            require_landmarks(dataset)
        self.generated: list[Floats] = []
        self.real: list[Floats] = []

    def add(self, rows: NDArray[np.int64], generated: Pixels, real: Pixels) -> None:
        """Measure images, uint8 (N, H, W, 3), made from the items ``rows``, and the items' own."""
        if self.detector is None or self.landmarks is None:
            return
        points = np.asarray(self.landmarks[rows])
        self.generated.append(landmark_errors(generated, points, self.detector))
        self.real.append(landmark_errors(real, points, self.detector))

    def scores(self, seed: int) -> Scores:
        """Values of the metrics ``LANDMARKS`` of generated and real images with intervals, ``images``, ``detector``."""
        if self.detector is None:
            return {}
        generated, real = np.concatenate(self.generated), np.concatenate(self.real)

        def score(function: Callable[[Floats], float]) -> Scores:
            return compared_score(function(generated), function(real), resampled_interval(generated, function, seed))

        scores = {metric.path.split(".")[-1]: score(metric.function) for metric in LANDMARKS}
        return {**scores, "images": len(generated), "detector": self.detector.name}


def _enlarged(image: Pixels) -> Pixels:
    scale = _SIDE / max(image.shape[:2])
    if scale <= 1:
        return image
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))
