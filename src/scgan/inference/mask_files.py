"""Mask files: index masks, palette PNGs, and masks in class colours."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data.images import decode
from scgan.data.masks import Classes
from scgan.schema import Schema
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import join_names

_SUFFIXES = (".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")
_COLOR_MODES = ("RGB", "RGBA", "CMYK")


def read_mask(file: Path, schema: Schema, content: BinaryIO | None = None) -> NDArray[np.uint8]:
    """Read a mask in the model's classes: an index mask, a palette PNG, or one in the model's class colours.

    Args:
        file: the file, or its name in errors if ``content`` is given.
        schema: of the model.
        content: read instead of the file, as in ``scgan.data.images.decode``.

    Returns:
        uint8 (H, W), class indices.

    Raises:
        UserError: it cannot be decoded, holds neither indices nor colours, or has a class or colour that the model does
            not know.
    """
    try:
        image = decode(file, content)
        by_color = image.mode in _COLOR_MODES or _has_class_colors(image, schema)
        if not by_color and (image.mode == "F" or len(image.getbands()) > 1):
            raise UserError(f"{file} has pixels of the kind {image.mode}: save it as an indexed or RGB PNG.")
        colors = [red << 16 | green << 8 | blue for red, green, blue in schema.class_colors]
        indices = tuple(range(schema.class_count))
        values = tuple(colors) if by_color else indices
        classes = Classes(schema.class_names, schema.class_colors, by_color, values, indices, "the model")
        return classes.read(file, content)
    except ItemError as error:
        raise UserError(f"{error}.") from error


def save_mask(file: Path | BinaryIO, segmentation: NDArray[np.uint8], schema: Schema) -> None:
    """Write a mask as a palette PNG: indices are the classes, palette colours are the schema's."""
    image = Image.fromarray(segmentation, "P")
    image.putpalette(np.asarray(schema.class_colors, np.uint8).tobytes())
    image.save(file, "PNG")


def list_masks(path: Path) -> list[Path]:
    """List the mask files of a folder by name; a file stands for itself.

    Raises:
        UserError: the path does not exist, or the folder has no mask.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist: give a mask or a folder of masks.")
    if not path.is_dir():
        return [path]
    files = (file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    masks = sorted(file for file in files if file.suffix.lower() in _SUFFIXES)
    if not masks:
        raise UserError(f"{path} has no mask: looked for {join_names(_SUFFIXES)}.")
    return masks


def _has_class_colors(image: Image.Image, schema: Schema) -> bool:
    """Tell whether a palette image uses the class colours, in any order of its palette.

    A palette with another colour, or with one colour twice, does not hold class colours: its indices are the classes.
    """
    if image.mode != "P":
        return False
    indices, colors = image.getcolors() or [], image.convert("RGB").getcolors() or []
    return len(indices) == len(colors) and {color for _, color in colors} <= set(schema.class_colors)
