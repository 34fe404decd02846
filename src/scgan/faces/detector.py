"""dlib's face detector and landmark predictor."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.faces.landmarks import Points
from scgan.utils.errors import ItemError
from scgan.utils.optional import require_packages

# Pixels; an image with a longer side is shrunk before detection, because the time grows with the area and a portrait's
# face is large enough.
_MAX_SIDE = 1024


def import_dlib(task: str) -> tuple[Any, Path]:
    """Import dlib; also gives the folder with the files of its networks.

    Raises:
        UserError: dlib or the package of the files is not installed; ``task`` begins the message.
    """
    require_packages(task, "landmarks", "dlib", "face_recognition_models")
    # Importing face_recognition_models fails on a Python without pkg_resources; only its files are needed.
    package = importlib.util.find_spec("face_recognition_models")
    folder = Path(next(iter((package and package.submodule_search_locations) or ())))
    return importlib.import_module("dlib"), folder / "models"


class NoFace(ItemError):
    """No face was found in an image."""


class Detector:
    """dlib's face detector and 68-point predictor. It cannot be pickled: make one in each process.

    Raises:
        UserError: dlib or the predictor's file is not installed.
    """

    def __init__(self) -> None:
        dlib, models = import_dlib("finding faces in photos")
        self._find = dlib.get_frontal_face_detector()
        self._predict = dlib.shape_predictor(str(models / "shape_predictor_68_face_landmarks.dat"))

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
        image = np.ascontiguousarray(image)
        # Faces below about 56 pixels are only found in the enlarged image (there from about 28), which costs four times
        # as much.
        boxes = self._find(image, 0) or self._find(image, 1)
        if not boxes:
            return []

        def distance(box: Any) -> float:
            return float(np.hypot(box.center().x - width / 2, box.center().y - height / 2))

        faces = []
        for box in sorted(boxes, key=distance):
            parts = self._predict(image, box).parts()
            # dlib gives whole pixels; the points are their centres.
            faces.append(np.array([((p.x + 0.5) / width, (p.y + 0.5) / height) for p in parts], np.float32))
        return faces


@cache
def shared_detector() -> Detector:
    """Load the detector once for this process, which takes two seconds. Its users take turns: it is not thread-safe.

    Raises:
        UserError: as ``Detector``.
    """
    return Detector()
