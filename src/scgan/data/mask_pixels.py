"""Mask files to pixel values: modes, bit depths, transparency, and files that cannot hold a mask."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data import mask_arrays
from scgan.data.images import SUFFIXES, count_frames, decode
from scgan.data.mask_depth import grey_step, mark_depth
from scgan.data.mask_values import require_classes, whole_numbers
from scgan.utils.errors import UserError
from scgan.utils.text import join_names

COLOR_MODES = ("RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "LAB", "HSV")
"""Pillow's modes in which pixels are told apart by colour."""
MASK_SUFFIXES = (*SUFFIXES, mask_arrays.SUFFIX)
"""Suffixes of masks, for every command alike."""

_LOSSY_FORMATS = {"JPEG": "JPEG", "MPO": "JPEG", "AVIF": "AVIF", "HEIF": "HEIC", "JXL": "JPEG XL"}
_LOSSY_COMPRESSIONS = {"jpeg": "JPEG", "tiff_jpeg": "JPEG", "webp": "WebP"}  # of TIFF


class MaskPixels(NamedTuple):
    """Pixels of a mask file.

    Attributes:
        values: int64 (H, W): grey levels or palette indices, or red·65536 + green·256 + blue.
        transparent: bool (H, W), pixels with alpha 0; None where the file has no transparency.
        shown: the grey levels as they are shown, int64 (H, W), where they differ from the values: white in a mask with
            1 bit is 1 and shown as 255, 3 in one with 4 bits is shown as 51. None elsewhere.
    """

    values: NDArray[np.int64]
    transparent: NDArray[np.bool_] | None
    shown: NDArray[np.int64] | None


def open_mask(file: Path, content: BinaryIO | None = None) -> Image.Image:
    """Decode a mask file, an image or a NumPy array; the arguments are those of ``scgan.data.images.decode``.

    Raises:
        ItemError: it cannot be decoded.
        UserError: its format changes values (JPEG, lossy WebP, AVIF), it has several frames, it is an array of another
            shape, or its depth is not read exactly (``scgan.data.mask_depth``).
    """
    if content is None and file.suffix.lower() == mask_arrays.SUFFIX:
        return mask_arrays.open_array(file)
    image = decode(file, content)
    lossy = _LOSSY_FORMATS.get(image.format or "") or _LOSSY_COMPRESSIONS.get(str(image.info.get("compression")))
    if image.format == "WEBP" and _is_lossy_webp(file, content):
        lossy = "lossy WebP"
    if lossy:
        raise UserError(
            f"{file} is saved as {lossy}, which changes the values of pixels: export masks as PNG, from the "
            "annotation tool itself."
        )
    if (frames := count_frames(file, content)) > 1:
        raise UserError(f"{file} has {frames} frames or pages: save the one that is the mask as PNG.")
    if image.format == "GIF" and image.mode == "P":
        return _without_palette(image)
    return mark_depth(image, file, content)


def to_rgb(image: Image.Image) -> Image.Image:
    """The image as RGB, whatever its transparency."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remark about palettes with transparency; it is read separately
        return image.convert("RGB")


def is_grey(image: Image.Image) -> bool:
    """True if red, green and blue are the same in every pixel."""
    colors = np.asarray(to_rgb(image))
    return bool((colors == colors[..., :1]).all())


def _without_palette(image: Image.Image) -> Image.Image:
    """A GIF's grey levels or colours: programs that write GIF change the order of palettes."""
    grey = is_grey(image)
    if image.has_transparency_data:
        return image.convert("LA" if grey else "RGBA")
    return image.convert("L") if grey else to_rgb(image)


def ambiguous_greys(image: Image.Image, file: Path, greys: Sequence[int]) -> str:
    """Message about a mask whose stored numbers and grey levels as shown may both be classes."""
    if grey_step(image) > 1:
        return (
            f"{file} has grey levels of fewer than 8 bits, so {join_names(sorted(greys))} may be classes, or the "
            "smaller numbers that are stored for them, as programs that make PNG files smaller write it: save the "
            "masks with 8 bits."
        )
    return (
        f"{file} has a palette of greys ({join_names(sorted(greys))}) that are not their indices, as programs that "
        "make PNG files smaller write it: save the masks as grey levels, so that it is clear which of both count."
    )


def read_pixels(image: Image.Image, file: Path, by_color: bool, ignored: Sequence[int] = ()) -> MaskPixels:
    """Read the pixels of a mask that ``open_mask`` decoded.

    Args:
        image: the mask.
        file: names it in errors.
        by_color: read colours; else grey levels or palette indices. An RGB file whose channels are the same (WebP has
            no other kind) holds grey levels.
        ignored: values of ignored pixels, which need not be such as classes have.

    Raises:
        UserError: its transparency has steps between 0 and 255; it has colours, although ``by_color`` is false, or
            numbers that cannot be classes.
    """
    transparent = _transparent(image, file, by_color)
    if by_color:
        red, green, blue = np.moveaxis(np.asarray(to_rgb(image), np.int64), -1, 0)
        return MaskPixels(red << 16 | green << 8 | blue, transparent, None)
    if image.mode in COLOR_MODES and not is_grey(image):
        raise UserError(
            f"{file} is a colour mask ({image.mode}), but its classes have no colours: give them with --classes, "
            'as in {"background": [0, 0, 0], "hair": [255, 0, 0]}.'
        )
    first = to_rgb(image) if image.mode in COLOR_MODES else image
    array = np.asarray(first.getchannel(0) if len(first.getbands()) > 1 else first)
    values = whole_numbers(array, file) if image.mode == "F" else array.astype(np.int64) // grey_step(image)
    require_classes(values, ignored, file)
    return MaskPixels(values, transparent, _shown_levels(image))


def _shown_levels(image: Image.Image) -> NDArray[np.int64] | None:
    """Grey levels of a mask with fewer than 8 bits, or with a palette of greys; None for others."""
    if image.mode == "1":
        return np.asarray(image, np.int64) * 255
    if grey_step(image) > 1:
        return np.asarray(image, np.int64)
    return np.asarray(to_rgb(image), np.int64)[..., 0] if image.mode == "P" and is_grey(image) else None


def _transparent(image: Image.Image, file: Path, by_color: bool) -> NDArray[np.bool_] | None:
    """Pixels with alpha 0, bool (H, W); None where there are none."""
    if not image.has_transparency_data:
        return None
    step = grey_step(image)
    if image.mode.startswith("I") or step > 1:  # Pillow does not convert these; one grey level is transparent
        hidden = np.asarray(image) // step == image.info["transparency"]
        return hidden if hidden.any() else None
    alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    # A palette's indices are exact, whatever the opacity of its colours.
    partial = np.mean((alpha > 0) & (alpha < 255)) if by_color or image.mode != "P" else 0
    if partial:
        raise UserError(
            f"{file} is partly transparent in {partial:.1%} of its pixels, which comes from smoothing or an overlay: "
            "export masks without smoothing, opaque where there is a class."
        )
    hidden = alpha == 0
    return hidden if hidden.any() else None


def _is_lossy_webp(file: Path, content: BinaryIO | None) -> bool:
    """True if a WebP file has a chunk of the lossy codec: ``VP8 `` in place of ``VP8L``."""
    if content is None:
        data = file.read_bytes()
    else:
        content.seek(0)
        data = content.read()
    position = 12
    while position + 8 <= len(data):
        kind, length = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        if kind == b"VP8 ":
            return True
        position += 8 + length + length % 2
    return False
