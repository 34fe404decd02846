"""Picture files: safe decoding, and the square that becomes an item."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from scgan.utils.errors import ItemError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")

_USUAL_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")


def require_bounded(name: str, content: BinaryIO, most_pixels: int) -> None:
    """Look at the head of a picture file that a stranger sent, before anything is decoded.

    Args:
        name: what errors call it.
        content: its bytes.
        most_pixels: width × height may not be more.

    Raises:
        ItemError: it is no picture of a usual format, or has more pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            width, height = Image.open(content, formats=_USUAL_FORMATS).size
    except Exception as error:  # as in ``decode``
        raise ItemError(f"{name} is no picture, or a damaged one: {', '.join(_USUAL_FORMATS)} are read") from error
    if width * height > most_pixels:
        raise ItemError(f"{name} has {width}×{height} pixels, more than {most_pixels}: make it smaller")


def decode(file: Path, content: BinaryIO | None = None) -> Image.Image:
    """A picture file, decoded to the end, its colour mode as it is in the file.

    Args:
        file: where it is.
        content: its bytes, if it is not on the disk; then ``file`` is only what errors call it.

    Raises:
        ItemError: missing, empty, truncated, damaged, of an unknown format, or so large that decoding it may exhaust
            the memory.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(content or file) as image:
                image.load()
    except FileNotFoundError as error:
        raise ItemError(f"{file} is missing") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ItemError(f"{file} is too large to decode safely (above {Image.MAX_IMAGE_PIXELS} pixels)") from error
    except Exception as error:  # Pillow's decoders raise whatever the damage makes them stumble over
        if file.is_file() and not file.stat().st_size:
            raise ItemError(f"{file} is empty") from error
        raise ItemError(f"{file} cannot be decoded ({str(error) or type(error).__name__})") from error
    return image


def read_photo(file: Path, content: BinaryIO | None = None) -> NDArray[np.uint8]:
    """A photo, uint8 (H, W, 3), RGB, upright (its EXIF orientation applied), transparent parts white.

    The arguments are those of ``decode``.

    Raises:
        ItemError: it cannot be decoded, or has more than 8 bits for a colour.
    """
    image = ImageOps.exif_transpose(decode(file, content))
    if image.mode.startswith(("I", "F")):
        raise ItemError(f"{file} has more than 8 bits for a colour ({image.mode}): save it with 8")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.asarray(image.convert("RGB"))


class Square(NamedTuple):
    """A part of a picture, in pixels. It may reach over the picture's edges."""

    left: int
    top: int
    side: int


def center_square(mask: NDArray[np.uint8]) -> Square:
    """The largest square in the middle of a picture."""
    height, width = mask.shape
    side = min(height, width)
    return Square((width - side) // 2, (height - side) // 2, side)


def whole_square(mask: NDArray[np.uint8]) -> Square:
    """The smallest square around a whole picture; it reaches over the edges of the shorter side."""
    height, width = mask.shape
    side = max(height, width)
    return Square(-((side - width) // 2), -((side - height) // 2), side)


def foreground_square(mask: NDArray[np.uint8]) -> Square:
    """A square that holds all that is not background with a little air, inside the picture wherever possible.

    Args:
        mask: uint8 (H, W), class indices; 0 is the background.

    Raises:
        ItemError: there is nothing but background.
    """
    foreground = mask > 0
    height, width = foreground.shape
    rows, columns = np.flatnonzero(foreground.any(axis=1)), np.flatnonzero(foreground.any(axis=0))
    if not rows.size:
        raise ItemError("the mask has nothing but background")
    extent = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    # The air may not make the square larger than the picture's longer side: it would be padded on all sides.
    side = max(int(extent), min(round(1.1 * extent), max(height, width)))

    def start(first: int, last: int, length: int) -> int:
        low, high = sorted((0, length - side))  # from here to there the square covers most of the picture
        return int(np.clip((first + last + 1 - side) // 2, low, high))

    return Square(start(columns[0], columns[-1], width), start(rows[0], rows[-1], height), side)


def cut_photo(photo: NDArray[np.uint8], square: Square, size: int) -> NDArray[np.uint8]:
    """The square of a photo, resized with antialiasing; over the edges the nearest pixels are repeated.

    Args:
        photo: uint8 (H, W, 3).

    Returns:
        uint8 (size, size, 3).
    """
    part, square = _inside(photo, square, "edge")
    box = (square.left, square.top, square.left + square.side, square.top + square.side)
    return np.asarray(Image.fromarray(part).resize((size, size), Image.Resampling.BICUBIC, box))


def cut_mask(mask: NDArray[np.uint8], square: Square, size: int) -> NDArray[np.uint8]:
    """The square of a mask, resized by nearest neighbour (indices are never mixed); class 0 over the edges.

    Args:
        mask: uint8 (H, W), class indices.

    Returns:
        uint8 (size, size).
    """
    part, square = _inside(mask, square, "constant")
    centers = ((np.arange(size) + 0.5) * square.side / size).astype(int)
    return np.ascontiguousarray(part[np.ix_(square.top + centers, square.left + centers)])


def _inside(picture: NDArray[Any], square: Square, mode: Any) -> tuple[NDArray[Any], Square]:
    """The picture, padded so that the square lies inside, and the square there."""
    height, width = picture.shape[:2]
    left, top = max(0, -square.left), max(0, -square.top)
    right, bottom = max(0, square.left + square.side - width), max(0, square.top + square.side - height)
    if left or top or right or bottom:
        picture = np.pad(picture, ((top, bottom), (left, right), *[(0, 0)] * (picture.ndim - 2)), mode=mode)
    return picture, Square(square.left + left, square.top + top, square.side)
