"""Masks in NumPy files (.npy), as labelme's scripts and training programs write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from scgan.utils.errors import ItemError, UserError

SUFFIX = ".npy"

_INT32 = np.iinfo(np.int32)


def open_array(file: Path) -> Image.Image:
    """Read an array as an image: whole numbers of 8 bits as L, of more as I, floating-point ones as F, colours as RGB.

    Raises:
        ItemError: the file is missing, damaged, or so large that it may exhaust the memory.
        UserError: its shape is not that of a mask, or it has numbers beyond 32 bits, or objects.
    """
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise ItemError(f"{file} is missing") from error
    except (EOFError, OSError, ValueError) as error:
        raise ItemError(f"{file} cannot be decoded ({error})") from error
    if array.ndim == 3 and 1 in (array.shape[0], array.shape[-1]):
        array = array[0] if array.shape[0] == 1 else array[..., 0]
    is_color = array.ndim == 3 and array.shape[-1] == 3 and array.dtype == np.uint8
    if array.dtype.kind not in "biuf" or not (array.ndim == 2 or is_color) or not array.size:
        raise UserError(
            f"{file} holds an array of {array.dtype} with the shape {array.shape}: a mask has the shape (height, "
            "width) and one number for each pixel."
        )
    if array.shape[0] * array.shape[1] > (Image.MAX_IMAGE_PIXELS or 0):
        raise ItemError(
            f"{file} is too large to decode safely (above {Image.MAX_IMAGE_PIXELS} pixels): make it smaller"
        )
    if array.dtype in (np.bool_, np.uint8):
        return Image.fromarray(np.array(array, np.uint8))
    if array.dtype.kind == "f":
        return Image.fromarray(np.array(array, np.float32))
    if array.min() < _INT32.min or array.max() > _INT32.max:
        raise UserError(f"{file} has numbers beyond 32 bits ({array.min()}…{array.max()}), which cannot be classes.")
    return Image.fromarray(np.array(array, np.int32))
