"""Mask files: index masks, palette PNGs, and masks in class colours."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data import image_plugins
from scgan.data.ignored import fill_ignored
from scgan.data.mask_pixels import COLOR_MODES, MASK_SUFFIXES, is_grey, open_mask, to_rgb
from scgan.data.masks import Classes, MaskFile
from scgan.schema import IGNORED, Schema
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import join_names

# Masks in JPEG are refused when they are read; beside other masks they are taken for photos.
_PHOTO_SUFFIXES = (".jpg", ".jpeg", ".jfif", *image_plugins.SUFFIXES)
_IGNORED_COLOR = np.array([[224, 224, 192]], np.uint8)  # that of borders in Pascal VOC
FILLED_NOTE = f"ignored pixels ({IGNORED}) of the mask get the class of their nearest neighbour"


def read_mask(file: Path, schema: Schema, content: BinaryIO | None = None) -> NDArray[np.uint8]:
    """Read a mask as ``open_mask_file`` does, class indices only: uint8 (H, W).

    Raises:
        UserError: as in ``open_mask_file``.
    """
    return open_mask_file(file, schema, content).segmentation


def open_mask_file(file: Path, schema: Schema, content: BinaryIO | None = None) -> MaskFile:
    """Read a mask in the model's classes: an index mask, a palette PNG, or one in the model's class colours.

    Transparent pixels are background. Where the model's data have ignored pixels, those of an index mask (255) get the
    class of their nearest neighbour, since a generator needs a class everywhere.

    Args:
        file: the file, or its name in errors if ``content`` is given.
        schema: of the model.
        content: read instead of the file, as in ``scgan.data.images.decode``.

    Returns:
        Class indices, uint8 (H, W), and remarks for the user.

    Raises:
        UserError: it cannot be decoded, holds neither indices nor colours, or has a class or colour that the model does
            not know.
    """
    try:
        image = open_mask(file, content)
        by_color = _has_class_colors(image, schema) or (image.mode in COLOR_MODES and not is_grey(image))
        colors = [red << 16 | green << 8 | blue for red, green, blue in schema.class_colors]
        indices = tuple(range(schema.class_count))
        classes = Classes(
            names=schema.class_names,
            colors=schema.class_colors,
            by_color=by_color,
            values=tuple(colors) if by_color else indices,
            indices=indices,
            where="the model",
            ignored=(IGNORED,) if schema.ignored and not by_color else (),
        )
        segmentation, notes = classes.read(file, content)
    except ItemError as error:
        raise UserError(f"{error}.") from error
    if (segmentation == IGNORED).any():
        return MaskFile(fill_ignored(segmentation), (*notes, FILLED_NOTE))
    return MaskFile(segmentation, notes)


def save_mask(file: Path | BinaryIO, segmentation: NDArray[np.uint8], schema: Schema) -> None:
    """Write a mask as a palette PNG: indices are the classes, palette colours are the schema's."""
    image = Image.fromarray(segmentation, "P")
    palette = np.asarray(schema.class_colors, np.uint8)
    if schema.ignored:  # Pillow changes indices beyond the palette without a word
        palette = np.concatenate([palette, np.zeros((IGNORED - len(palette), 3), np.uint8), _IGNORED_COLOR])
    image.putpalette(palette.tobytes())
    image.save(file, "PNG")


def classes_json(schema: Schema) -> dict[str, list[int]] | list[str]:
    """Classes for ``scgan prepare folder --classes``, JSON values: their colors, which ``save_mask`` writes.

    Only names where the indices count: two classes share a color, or some pixels belong to no class.
    """
    if schema.ignored or len(set(schema.class_colors)) < schema.class_count:
        return list(schema.class_names)
    return {name: list(color) for name, color in zip(schema.class_names, schema.class_colors, strict=True)}


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
    images = sorted(file for file in files if file.suffix.lower() in MASK_SUFFIXES)
    masks = [file for file in images if file.suffix.lower() not in _PHOTO_SUFFIXES]
    if not images:
        raise UserError(f"{path} has no mask: looked for {join_names(MASK_SUFFIXES)}.")
    return masks or images


def _has_class_colors(image: Image.Image, schema: Schema) -> bool:
    """Tell whether an image uses the class colours only, in any order of its palette.

    A palette with another colour, or with one colour twice, does not hold class colours: its indices are the classes.
    """
    if image.mode in COLOR_MODES:
        return {color for _, color in to_rgb(image).getcolors() or [(0, None)]} <= set(schema.class_colors)
    if image.mode != "P":
        return False
    indices, colors = image.getcolors() or [], to_rgb(image).getcolors() or []
    return len(indices) == len(colors) and {color for _, color in colors} <= set(schema.class_colors)
