"""dlib's face descriptor: 128 numbers by which two photos of one person are near each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.faces.dlib_detector import import_dlib
from scgan.faces.landmarks import LANDMARK_COUNT
from scgan.utils.errors import UserError

CHIP_SIZE = 150  # the network's input
_PADDING = 0.25  # the network was trained with
# dlib takes whole pixels as landmarks; in a small image they would tilt the face.
_WORKING_SIZE = 512


class FaceDescriptor:
    """dlib's ResNet for the recognition of faces. It cannot be pickled: make one in each process.

    Raises:
        UserError: dlib or its files are not installed.
    """

    def __init__(self) -> None:
        self._dlib, models = import_dlib("the face descriptor")
        self._network = self._dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def describe(self, images: NDArray[np.uint8], points: NDArray[Any]) -> NDArray[np.float32]:
        """Describe the face at known landmarks in each image.

        Args:
            images: uint8 (N, H, W, 3), RGB.
            points: float (N, 68, 2), fractions of width and height.

        Returns:
            float32 (N, 128); photos of one person are usually less than 0.6 apart.

        Raises:
            UserError: a face has all points in one place.
        """
        if not len(images):
            return np.zeros((0, 128), np.float32)
        chips = [self.chip(image, face) for image, face in zip(images, points, strict=True)]
        return np.array(self._network.compute_face_descriptor(chips), np.float32)

    def chip(self, image: NDArray[np.uint8], points: NDArray[Any]) -> NDArray[np.uint8]:
        """Cut out a face, upright and enlarged, uint8 (150, 150, 3)."""
        if np.ptp(points, axis=0).max() <= 0:
            raise UserError("these landmarks lie in one place: they are not a face.")
        dlib = self._dlib
        height, width = image.shape[:2]
        scale = max(1.0, _WORKING_SIZE / max(height, width))
        large = Image.fromarray(image).resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
        pixels = np.rint(np.asarray(points) * large.size - 0.5).astype(int)
        assert len(pixels) == LANDMARK_COUNT
        (left, top), (right, bottom) = pixels.min(0).tolist(), pixels.max(0).tolist()
        face = dlib.full_object_detection(
            dlib.rectangle(left, top, right, bottom), [dlib.point(x, y) for x, y in pixels.tolist()]
        )
        chip: NDArray[np.uint8] = dlib.get_face_chip(np.asarray(large), face, CHIP_SIZE, _PADDING)
        return chip
