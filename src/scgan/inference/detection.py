"""Detection of the face in a photo. Imports no torch: the studio reads photos in a small process."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import Square, center_square, cut_photo
from scgan.faces.detector import Detector
from scgan.faces.landmarks import Points
from scgan.utils.errors import UserError


def detect_face(photo: NDArray[np.uint8], name: str, detector: Detector, square: Square | None = None) -> Points:
    """Detect the only face in a square of a photo.

    Args:
        photo: uint8 (H, W, 3), RGB.
        name: of the photo in errors.
        detector: finds faces and their landmarks.
        square: part of the photo; by default its central square.

    Returns:
        float32 (68, 2), fractions of the square.

    Raises:
        UserError: the square shows no face or several.
    """
    where = "its central square" if square is None else "this part of it"
    square = square or center_square(photo[..., 0])
    # 512 pixels are enough for the detector, whatever the model's image size.
    faces = detector.detect_all(cut_photo(photo, square, min(square.side, 512)))
    if not faces:
        raise UserError(f"{name}: no face found in {where}: choose a photo with one face that looks at the camera.")
    if len(faces) > 1:
        raise UserError(f"{name}: {len(faces)} faces found: crop the photo so that it shows one.")
    return faces[0]
