"""Uploaded photos and masks: bounded, decoded, and turned into points or classes.

The functions run in the process of ``reading.py``. Nothing here imports torch, so that this process is small.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import Square, center_square, cut_mask, read_photo, require_bounded
from scgan.faces.detector import DetectorName, shared_detector
from scgan.faces.landmarks import Points
from scgan.inference.detection import detect_face
from scgan.inference.mask_files import open_mask_file
from scgan.schema import Schema
from scgan.utils.errors import ItemError, UserError

MAX_PIXELS = 25_000_000
MAX_JPEG_PIXELS = 100_000_000  # reduced while it is decoded
MAX_PHOTO_SIDE = 2048  # of the decoded photo
MAX_MASK_PIXELS = 16_000_000

_NAME = Path("the file")  # name in error messages; no file of that name is read


def decode_photo(data: bytes, max_side: int = MAX_PHOTO_SIDE) -> NDArray[np.uint8]:
    """Decode a photo to uint8 (H, W, 3), upright, reduced to ``max_side``.

    Raises:
        UserError: it has too many pixels or cannot be decoded.
    """
    try:
        require_bounded(str(_NAME), BytesIO(data), MAX_PIXELS, MAX_JPEG_PIXELS)
        return read_photo(_NAME, BytesIO(data), max_side)
    except ItemError as error:
        raise UserError(f"{error}.") from error


def decode_mask(data: bytes, schema: Schema) -> tuple[NDArray[np.uint8], str | None]:
    """Decode a mask file to the model's classes and size.

    Returns:
        uint8 (H, W) of the model's size; a notice of what was assumed or resized, else None.

    Raises:
        UserError: it cannot be decoded, or has a class or colour that is not in the schema.
    """
    try:
        require_bounded(str(_NAME), BytesIO(data), MAX_MASK_PIXELS)
    except ItemError as error:
        raise UserError(f"{error}.") from error
    mask, notes = open_mask_file(_NAME, schema, BytesIO(data))
    notices = [f"{note[0].upper()}{note[1:]}." for note in notes]
    size = schema.image_size
    if mask.shape != (size, size):
        notices.append(
            f"The mask was {mask.shape[1]}×{mask.shape[0]}: its central square was resized to {size}×{size}."
        )
        mask = cut_mask(mask, center_square(mask), size)
    return mask, " ".join(notices) or None


def detect_landmarks(photo: NDArray[np.uint8], square: Square | None, detector: DetectorName) -> Points:
    """Detect the points of the only face in a square of a photo, by default the central one. Not thread-safe.

    Returns:
        float32 (68, 2), fractions of the square.

    Raises:
        UserError: no face or several, or the detector is not installed.
    """
    return detect_face(photo, "the photo", shared_detector(detector), square)
