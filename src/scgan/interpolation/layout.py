"""Pictures of a path, with the masks they were made from: one sheet, or the frames of a video. uint8 arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.schema import Schema, colorize
from scgan.utils.images import grid

Pixels = NDArray[np.uint8]

_GAP = 2


def resize_images(pictures: Pixels, size: int, smooth: bool) -> Pixels:
    """Each picture at another size: uint8 (…, H, W, 3) → (…, size, size, 3); smooth for pictures, not for masks."""
    how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    flat = pictures.reshape(-1, *pictures.shape[-3:])
    resized = np.stack([np.asarray(Image.fromarray(picture).resize((size, size), how)) for picture in flat])
    return resized.reshape(*pictures.shape[:-3], size, size, 3)


def color_masks(masks: NDArray[np.uint8], schema: Schema, size: int) -> Pixels:
    """Masks in the colours of their classes: uint8 (…, H, W) → (…, size, size, 3)."""
    return resize_images(colorize(masks, schema), size, smooth=False)


def sheet(images: Pixels, masks: Pixels | None = None) -> Pixels:
    """All pictures in rows, the masks above where all rows share them, else to the left.

    Args:
        images: uint8 (R, C, H, W, 3).
        masks: uint8 (1 or R, 1 or C, H, W, 3), in colours.

    Returns:
        uint8 (height, width, 3).
    """
    if masks is not None:
        above = len(masks) == 1 and masks.shape[1] > 1
        masks = masks if above else np.broadcast_to(masks, (len(images), *masks.shape[1:]))
        images = np.concatenate([masks, images], axis=0 if above else 1)
    return grid(images.reshape(-1, *images.shape[2:]), columns=images.shape[1], gap=_GAP)


def frames(images: Pixels, masks: Pixels | None = None) -> Pixels:
    """Columns as frames, in each the pictures of all rows side by side; a changing mask to the left, or above.

    Args:
        images: uint8 (R, C, H, W, 3).
        masks: uint8 (1 or R, 1 or C, H, W, 3), in colours.

    Returns:
        uint8 (C, height, width, 3).
    """
    turned = images.swapaxes(0, 1)[:, None]  # (C, 1, R, H, W, 3)
    if masks is not None:
        shown = masks.swapaxes(0, 1)[:, None]
        shown = np.broadcast_to(shown, (len(turned), *shown.shape[1:]))
        turned = np.concatenate([shown, turned], axis=2 if len(masks) == 1 else 1)
    return np.stack([sheet(rows) for rows in turned])
