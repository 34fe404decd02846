"""Square parts of photos, placed as the data of a model were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import Square, center_square, cut_photo, foreground_square, whole_square
from scgan.utils.errors import ItemError, UserError

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer


def data_crop(synthesizer: Synthesizer) -> str:
    """Return how the model's data were cropped: ``center``, ``foreground`` or ``pad``."""
    crop: Any = synthesizer.model.about.data.get("crop")
    return crop if crop in ("foreground", "pad") else "center"


def place_mask(synthesizer: Synthesizer, mask: NDArray[np.uint8], name: str) -> Square:
    """Place a square in the mask of a whole photo as ``scgan prepare`` did in the masks of the model's data.

    Args:
        synthesizer: the model.
        mask: uint8 (h, w), classes of the model.
        name: of the photo, for errors.

    Raises:
        UserError: the mask has nothing but background.
    """
    crop = data_crop(synthesizer)
    if crop != "foreground":
        return whole_square(mask) if crop == "pad" else center_square(mask)
    try:
        return foreground_square(mask)
    except ItemError as error:
        raise UserError(f"the mask of {name} cannot be used: {error}.") from error


def place_photo(synthesizer: Synthesizer, photo: NDArray[np.uint8]) -> Square:
    """Place a square in a photo as ``scgan prepare`` did in the photos of the model's data.

    There is no mask yet, so the foreground is the one that the model's segmentor finds in the whole photo.

    Args:
        synthesizer: a model with a segmentor.
        photo: uint8 (H, W, 3).
    """
    crop = data_crop(synthesizer)
    if crop == "center":
        return center_square(photo[..., 0])
    whole = whole_square(photo[..., 0])
    if crop == "pad":
        return whole
    size = synthesizer.schema.image_size
    scale = whole.side / size
    mask = synthesizer.segment(cut_photo(photo, whole, size))
    left, top = round(-whole.left / scale), round(-whole.top / scale)
    inside = mask[top : size - top, left : size - left]  # without what was repeated beyond the photo's edges
    try:
        part = foreground_square(inside)
    except ItemError:  # nothing but background
        return whole
    return Square(round(scale * part.left), round(scale * part.top), max(1, round(scale * part.side)))
