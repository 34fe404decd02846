"""Image files: safe decoding, and cropping to squares."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from scgan.data import image_plugins
from scgan.data.color_profiles import to_srgb
from scgan.data.file_kinds import kind_of
from scgan.data.metadata import strip_metadata
from scgan.schema import IGNORED
from scgan.utils.errors import ItemError
from scgan.utils.special_files import is_special

SUFFIXES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", *image_plugins.SUFFIXES)
"""Suffixes of photos, for every command alike."""

T = TypeVar("T")

_MAX_ASPECT = 16
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_EXIF_ORIENTATION = 0x0112
# EXIF orientation → the transposition of the upright image that gives the stored one.
_BACK = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
_WITH_FRAMES = ("GIF", "PNG", "TIFF", "WEBP", "AVIF")
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")


def require_bounded(name: str, content: BinaryIO, max_pixels: int, max_jpeg_pixels: int | None = None) -> None:
    """Check the header of an untrusted image file, before anything is decoded.

    Args:
        name: names the file in errors.
        content: its bytes.
        max_pixels: largest accepted width × height.
        max_jpeg_pixels: the same of JPEG files, which can be reduced while they are decoded; None means equal.

    Raises:
        ItemError: it is not an image of a usual format, has more pixels, or is much longer than it is wide.
    """

    def size(source: Path | BinaryIO) -> tuple[int, int, str | None]:
        with Image.open(source, formats=_FORMATS) as image:
            return *image.size, image.format

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            width, height, file_format = _despite_metadata(size, Path(name), content)
    except Exception as error:  # as in ``decode``
        raise ItemError(f"{name} is not an image, or a damaged one: {', '.join(_FORMATS)} are read") from error
    # MPO is JPEG with several photos, as telephones store portraits.
    limit = max_jpeg_pixels if max_jpeg_pixels and file_format in ("JPEG", "MPO") else max_pixels
    if width * height > limit:
        raise ItemError(f"{name} has {width}×{height} pixels, more than {limit}: make it smaller")
    if max(width, height) > _MAX_ASPECT * min(width, height):  # squares around it would be huge
        raise ItemError(f"{name} has {width}×{height} pixels, more than {_MAX_ASPECT} times as long as wide: crop it")


def decode(file: Path, content: BinaryIO | None = None, max_side: int | None = None) -> Image.Image:
    """Decode an image file completely; the colour mode stays as it is in the file.

    Args:
        file: path of the image.
        content: its bytes, if it is not on disk; then ``file`` only names it in errors.
        max_side: reduce larger photos to this length of the longer side, JPEG files while they are decoded. Their
            palette is replaced by colours.

    Raises:
        ItemError: the file is missing, empty, truncated, damaged, of an unknown format, or so large that decoding it
            may exhaust the memory.
    """
    if content is None:
        _refuse_others(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks about damaged metadata; the pixels are what counts
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _despite_metadata(lambda source: _load(source, max_side), file, content)
    except FileNotFoundError as error:
        raise ItemError(f"{file} is missing") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ItemError(
            f"{file} is too large to decode safely (above {Image.MAX_IMAGE_PIXELS} pixels): make it smaller"
        ) from error
    except Exception as error:  # Pillow's decoders raise errors of many kinds for damaged files
        if (kind := kind_of(_start(file, content))) and image_plugins.register(kind.name):
            return decode(file, content, max_side)
        raise ItemError(_undecodable(file, content, error)) from error


def _refuse_others(file: Path) -> None:
    with suppress(OSError):
        if file.is_dir():
            raise ItemError(f"{file} is a folder, not an image: name a file in it")
        if is_special(file):
            raise ItemError(f"{file} is a pipe or a device, not a file")


def _start(file: Path, content: BinaryIO | None) -> bytes:
    """The first bytes of a file or its content; b"" where it cannot be read."""
    if content is not None:
        content.seek(0)
        start = content.read(4096)
        content.seek(0)
        return start
    try:
        with file.open("rb") as opened:
            return opened.read(4096)
    except OSError:
        return b""


def _undecodable(file: Path, content: BinaryIO | None, error: Exception) -> str:
    """Reason why a file cannot be decoded: by its kind, else by the decoder's error."""
    if not (start := _start(file, content)):
        return f"{file} is empty"
    if kind := kind_of(start):
        return f"{file} is {kind.name}, not an image that can be read: {kind.remedy}"
    if isinstance(error, UnidentifiedImageError) and start.startswith(_TIFF_STARTS):
        return f"{file} is a TIFF file of a kind that cannot be read, such as one with 64-bit numbers: save it as PNG"
    if isinstance(error, UnidentifiedImageError):
        return f"{file} cannot be decoded (it is no image of a known format, or its beginning is damaged)"
    return f"{file} cannot be decoded ({str(error) or type(error).__name__})"


def _load(source: Path | BinaryIO, max_side: int | None) -> Image.Image:
    with Image.open(source) as image:
        orientation = _orientation(image) if image.format == "TIFF" else 1
        if orientation >= 5 and isinstance(source, Path):
            # From a file, Pillow 13 maps plain grey pixels with width and height exchanged; not so from memory.
            return _load(BytesIO(source.read_bytes()), max_side)
        if max_side is None or max(image.size) <= max_side or image.mode.startswith(("I", "F")):
            image.load()
            return _as_stored(image, orientation)
        reduced: Image.Image = image
        if image.mode in ("P", "1"):  # these would be reduced by nearest neighbour
            reduced = image.convert("RGBA" if image.has_transparency_data else "RGB")
        reduced.thumbnail((max_side, max_side), Image.Resampling.BICUBIC)
    return _as_stored(reduced, orientation)


def _as_stored(image: Image.Image, orientation: int) -> Image.Image:
    """A TIFF image with its pixels as they are stored, as in other formats: Pillow turns them upright."""
    if orientation == 1 or _orientation(image) != 1:
        return image
    stored = image.transpose(_BACK[orientation])
    stored.format = image.format
    stored.getexif()[_EXIF_ORIENTATION] = orientation
    return stored


def _despite_metadata(read: Callable[[Path | BinaryIO], T], file: Path, content: BinaryIO | None) -> T:
    """Result of reading a file or its content, without the metadata if these cannot be read."""
    try:
        return read(content or file)
    except (FileNotFoundError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise
    except Exception:  # as in ``decode``
        if content is not None:
            content.seek(0)
        plain = strip_metadata(file.read_bytes() if content is None else content.read())
        if plain is None:
            raise
    return read(BytesIO(plain))


class Photo(NamedTuple):
    """Photo as it is shown.

    Attributes:
        pixels: uint8 (H, W, 3), sRGB, upright, transparent parts white.
        orientation: EXIF orientation of the stored pixels, 1…8; 1 where they are upright or the metadata is damaged.
        notes: remarks for the user, as in "colours converted from Display P3 to sRGB".
    """

    pixels: NDArray[np.uint8]
    orientation: int
    notes: tuple[str, ...]


def read_photo(file: Path, content: BinaryIO | None = None, max_side: int | None = None) -> NDArray[np.uint8]:
    """Read a photo as ``open_photo`` does, pixels only: uint8 (H, W, 3).

    Raises:
        ItemError: as in ``open_photo``.
    """
    return open_photo(file, content, max_side).pixels


def open_photo(file: Path, content: BinaryIO | None = None, max_side: int | None = None) -> Photo:
    """Read a photo: first frame, RGB, EXIF orientation applied, colours in sRGB, transparent parts white.

    The arguments are those of ``decode``.

    Raises:
        ItemError: it cannot be decoded, or has more than 8 bits for a colour.
    """
    image = decode(file, content, max_side)
    if image.mode.startswith(("I", "F")):
        raise ItemError(f"{file} has more than 8 bits for a colour ({image.mode}): save it with 8")
    orientation = _orientation(image)
    try:
        rgb, note = to_srgb(image)
        if image.has_transparency_data:
            opaque = rgb.convert("RGBA")
            opaque.putalpha(image.convert("RGBA").getchannel("A"))
            rgb = Image.alpha_composite(Image.new("RGBA", rgb.size, "white"), opaque).convert("RGB")
    except Exception as error:  # as in ``decode``
        raise ItemError(f"{file} cannot be read as a photo ({str(error) or type(error).__name__})") from error
    pixels = np.ascontiguousarray(upright(np.asarray(rgb), orientation))
    frames = count_frames(file, content) if image.format in _WITH_FRAMES else 1
    notes = [note, f"the first of {frames} frames or pages is read" if frames > 1 else ""]
    return Photo(pixels, orientation, tuple(filter(None, notes)))


def count_frames(file: Path, content: BinaryIO | None = None) -> int:
    """Number of frames or pages of an image file that ``decode`` can decode."""

    def count(source: Path | BinaryIO) -> int:
        with Image.open(source) as image:
            return int(getattr(image, "n_frames", 1))

    if content is not None:
        content.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _despite_metadata(count, file, content)


def read_orientation(file: Path) -> int:
    """EXIF orientation of an image file, 1…8, from its metadata alone; 1 where there is none or it is damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(file) as image:
                return _orientation(image)
    except Exception:  # as in ``decode``, which will say it
        return 1


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn stored pixels (H, W, …) as their EXIF orientation (1…8) asks; returns a view."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def _orientation(image: Image.Image) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # malformed EXIF raises errors of many kinds; the pixels do not depend on it
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


class Square(NamedTuple):
    """Square part of an image, in pixels. It may reach beyond the image's edges."""

    left: int
    top: int
    side: int


def center_square(mask: NDArray[np.uint8]) -> Square:
    """Largest square in the middle of an image."""
    height, width = mask.shape
    side = min(height, width)
    return Square((width - side) // 2, (height - side) // 2, side)


def whole_square(mask: NDArray[np.uint8]) -> Square:
    """Smallest square around a whole image; it reaches beyond the edges of the shorter side."""
    height, width = mask.shape
    side = max(height, width)
    return Square(-((side - width) // 2), -((side - height) // 2), side)


def foreground_square(mask: NDArray[np.uint8]) -> Square:
    """Square around the foreground with a margin, inside the image wherever possible.

    Args:
        mask: uint8 (H, W), class indices or ``IGNORED``; 0 is the background.

    Raises:
        ItemError: there is nothing but background.
    """
    foreground = (mask > 0) & (mask != IGNORED)
    height, width = foreground.shape
    rows, columns = np.flatnonzero(foreground.any(axis=1)), np.flatnonzero(foreground.any(axis=0))
    if not rows.size:
        raise ItemError("the mask has nothing but background")
    extent = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    # The margin may not make the square larger than the image's longer side: it would be padded on all sides.
    side = max(int(extent), min(round(1.1 * extent), max(height, width)))

    def start(first: int, last: int, length: int) -> int:
        low, high = sorted((0, length - side))  # in this range the square covers most of the image
        return int(np.clip((first + last + 1 - side) // 2, low, high))

    return Square(start(columns[0], columns[-1], width), start(rows[0], rows[-1], height), side)


def cut_photo(photo: NDArray[np.uint8], square: Square, size: int) -> NDArray[np.uint8]:
    """Cut a square out of a photo and resize it with antialiasing; beyond the edges the nearest pixels are repeated.

    Args:
        photo: uint8 (H, W, 3).

    Returns:
        uint8 (size, size, 3).
    """
    part, square = _pad_to(photo, square, "edge")
    box = (square.left, square.top, square.left + square.side, square.top + square.side)
    return np.asarray(Image.fromarray(part).resize((size, size), Image.Resampling.BICUBIC, box))


def cut_mask(mask: NDArray[np.uint8], square: Square, size: int) -> NDArray[np.uint8]:
    """Cut a square out of a mask and resize it by nearest neighbour; beyond the edges it has class 0.

    The sampled pixels lie where the filter of ``cut_photo`` is centred. Where a centre falls between two pixels, as at
    2:1, they are taken in turn: always the same one would shift the mask against its photo.

    Args:
        mask: uint8 (H, W), class indices or ``IGNORED``.

    Returns:
        uint8 (size, size).
    """
    part, square = _pad_to(mask, square, "constant")
    indices = np.arange(size)
    centers, remainders = np.divmod((2 * indices + 1) * square.side, 2 * size)
    nearest = centers - ((remainders == 0) & (indices % 2 == 0))
    return np.ascontiguousarray(part[np.ix_(square.top + nearest, square.left + nearest)])


def _pad_to(image: NDArray[Any], square: Square, mode: Any) -> tuple[NDArray[Any], Square]:
    """Pad the image so that the square lies inside; returns it, and the square in its pixels."""
    height, width = image.shape[:2]
    left, top = max(0, -square.left), max(0, -square.top)
    right, bottom = max(0, square.left + square.side - width), max(0, square.top + square.side - height)
    if left or top or right or bottom:
        image = np.pad(image, ((top, bottom), (left, right), *[(0, 0)] * (image.ndim - 2)), mode=mode)
    return image, Square(square.left + left, square.top + top, square.side)
