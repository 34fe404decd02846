"""Bit depths of mask files that Pillow does not keep: grey levels of 2 and 4 bits, colours of 16, TIFF's white as 0."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from PIL import Image

from scgan.utils.errors import UserError

_STEP = "step of grey levels"  # key in Image.info
_STEPS = {2: 85, 4: 17}  # Pillow stretches grey levels with fewer than 8 bits to 0…255
_BITS, _PHOTOMETRIC, _SAMPLES = 258, 262, 277  # tags of TIFF
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the type of colours
_PNG_PALETTE = 3


class _Depth(NamedTuple):
    bits: int
    channels: int
    palette: bool
    white_is_zero: bool


def mark_depth(image: Image.Image, file: Path, content: BinaryIO | None) -> Image.Image:
    """Note the depth of a decoded mask, for ``grey_step``. The other arguments are those of ``open_mask``.

    Raises:
        UserError: its colours have 16 bits, of which Pillow reads 8, or its grey levels are inverted.
    """
    depth = _read_depth(file, content, image.format)
    if depth is None:
        return image
    if depth.bits > 8 and depth.channels > 1:
        raise UserError(
            f"{file} has 16 bits for each of its {depth.channels} channels, of which only 8 can be read: save it with "
            "8 bits, or as one channel of grey levels."
        )
    if depth.white_is_zero:
        raise UserError(
            f"{file} is a TIFF file whose white is 0 (WhiteIsZero), so it is not clear whether its numbers or the grey "
            "levels that they stand for are classes: save it as PNG."
        )
    if not depth.palette and depth.bits in _STEPS:
        image.info[_STEP] = _STEPS[depth.bits]
    return image


def grey_step(image: Image.Image) -> int:
    """Factor by which Pillow stretched the grey levels of a mask of ``open_mask``: 17 for 4 bits, 85 for 2, else 1."""
    return int(image.info.get(_STEP, 1))


def _read_depth(file: Path, content: BinaryIO | None, image_format: str | None) -> _Depth | None:
    if image_format not in ("PNG", "TIFF"):
        return None
    if content is not None:
        content.seek(0)
    data = file.read_bytes() if content is None else content.read()
    if image_format == "PNG":
        bits, kind = data[24], data[25]
        return _Depth(bits, _PNG_CHANNELS.get(kind, 1), kind == _PNG_PALETTE, white_is_zero=False)
    with Image.open(BytesIO(data)) as image:
        tags = image.getexif()
        bits, photometric = tags.get(_BITS, 1), tags.get(_PHOTOMETRIC)
        bits = max(bits) if isinstance(bits, tuple) else bits
        return _Depth(int(bits), int(tags.get(_SAMPLES, 1)), photometric == 3, white_is_zero=photometric == 0)
