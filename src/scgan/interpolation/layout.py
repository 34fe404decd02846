"""Layout of a path's images with their masks: one sheet, or the frames of a video. uint8 arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.schema import Schema, colorize
from scgan.utils.images import grid

Pixels = NDArray[np.uint8]

_GAP = 2


def resize_images(images: Pixels, size: int, smooth: bool) -> Pixels:
    """Resize images: uint8 (…, H, W, 3) → (…, size, size, 3); bicubic if ``smooth``, else by nearest neighbour."""
    resampling = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    flat = images.reshape(-1, *images.shape[-3:])
    resized = np.stack([np.asarray(Image.fromarray(image).resize((size, size), resampling)) for image in flat])
    return resized.reshape(*images.shape[:-3], size, size, 3)


def color_masks(masks: NDArray[np.uint8], schema: Schema, size: int) -> Pixels:
    """Color masks by class and resize them: uint8 (…, H, W) → (…, size, size, 3)."""
    return resize_images(colorize(masks, schema), size, smooth=False)


def sheet(images: Pixels, masks: Pixels | None = None) -> Pixels:
    """Arrange images in rows, with the masks above if all rows share them, else to the left.

    Args:
        images: uint8 (R, C, H, W, 3).
        masks: uint8 (1 or R, 1 or C, H, W, 3), in class colours.

    Returns:
        uint8 (height, width, 3).
    """
    if masks is not None:
        above = len(masks) == 1 and masks.shape[1] > 1
        masks = masks if above else np.broadcast_to(masks, (len(images), *masks.shape[1:]))
        images = np.concatenate([masks, images], axis=0 if above else 1)
    return grid(images.reshape(-1, *images.shape[2:]), columns=images.shape[1], gap=_GAP)


def frames(images: Pixels, masks: Pixels | None = None) -> Pixels:
    """Turn columns into frames that show the images of all rows side by side, with the mask to the left or above.

    Args:
        images: uint8 (R, C, H, W, 3).
        masks: uint8 (1 or R, 1 or C, H, W, 3), in class colours.

    Returns:
        uint8 (C, height, width, 3).
    """
    columns = images.swapaxes(0, 1)[:, None]  # (C, 1, R, H, W, 3)
    if masks is not None:
        mask_columns = masks.swapaxes(0, 1)[:, None]
        mask_columns = np.broadcast_to(mask_columns, (len(columns), *mask_columns.shape[1:]))
        columns = np.concatenate([mask_columns, columns], axis=2 if len(masks) == 1 else 1)
    return np.stack([sheet(rows) for rows in columns])
