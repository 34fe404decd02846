"""Survey of the index masks of a source: palettes that contradict each other, and values that only smoothing makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data.mask_pixels import ambiguous_greys, open_mask, read_pixels
from scgan.data.masks import Classes
from scgan.utils.errors import ItemError, UserError
from scgan.utils.progress import progress
from scgan.utils.text import join_names

_MAX_MASKS = 64  # masks whose values are looked at
# Grey levels of classes are smaller than this; larger ones are chosen to be seen.
_MAX_CLASS_LEVEL = 127
# A value is a rim if nearly all of its pixels lie between a smaller and a larger value, and nearly none inside.
_MIN_BETWEEN, _MAX_INSIDE, _MIN_PIXELS = 0.8, 0.02, 16
_MIN_RIMS = 2


def survey_masks(masks: Sequence[Path], classes: Classes, listed: bool) -> list[str]:
    """Check masks against each other.

    Args:
        masks: the files.
        classes: of the masks; colour masks are not looked at.
        listed: true if somebody listed the classes, false if they were found in the masks.

    Returns:
        Sentences for the account.

    Raises:
        UserError: an index has different colours in two files, or the grey levels of a palette may be meant.
    """
    if classes.by_color:
        return []
    sample = masks[:: max(1, len(masks) // _MAX_MASKS)]
    rims = _Rims()
    has_palettes = False
    for mask in sample:
        with suppress(ItemError, UserError):  # what cannot be read is skipped or refused when it is read
            image = open_mask(mask)
            has_palettes |= image.mode == "P"
            rims.add(read_pixels(image, mask, by_color=False, ignored=classes.ignored).values)
    if has_palettes:
        _check_palettes(masks, classes, listed)
    values = [value for value in rims.values() if value not in classes.ignored]
    if len(values) < _MIN_RIMS:
        return []
    return [
        f"the values {join_names(values)} occur only as rims between smaller and larger values, as smoothing makes "
        "them: if so, export the masks again, and resize them by nearest neighbour"
    ]


def _check_palettes(masks: Sequence[Path], classes: Classes, listed: bool) -> None:
    first: dict[int, tuple[tuple[int, ...], Path]] = {}
    with progress("read palettes", len(masks)) as advance:
        for mask in masks:
            with suppress(ItemError):  # the item is skipped and recorded when it is read
                image = open_mask(mask)
                colors = _used_colors(image)
                for index, color in colors.items():
                    _compare(index, color, mask, first.setdefault(index, (color, mask)))
                greys = [color[0] for color in colors.values()]
                are_greys = all(len(set(color)) == 1 for color in colors.values())
                if not listed and are_greys and greys != list(colors) and max(greys) <= _MAX_CLASS_LEVEL:
                    raise UserError(ambiguous_greys(image, mask, greys))
            advance(1, "")


def _compare(index: int, color: tuple[int, ...], mask: Path, first: tuple[tuple[int, ...], Path]) -> None:
    if color != first[0]:
        raise UserError(
            f"palettes differ: index {index} is {_hex(first[0])} in {first[1]} and {_hex(color)} in {mask}, so the "
            "program that wrote them may have renumbered the classes: if the colours count, give them with --classes, "
            'as in {"background": [0, 0, 0], "hair": [255, 0, 0]}; if the indices do, save the masks as grey levels.'
        )


def _hex(color: Sequence[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in color)


def _used_colors(image: Image.Image) -> dict[int, tuple[int, ...]]:
    """Colour of each palette index that occurs; empty without a palette."""
    if image.mode != "P":
        return {}
    palette = image.getpalette("RGB") or []
    indices = sorted(int(index) for _, index in image.getcolors(256) or [] if isinstance(index, int))
    return {index: tuple(palette[3 * index : 3 * index + 3]) for index in indices if 3 * index + 3 <= len(palette)}


class _Rims:
    """Counts, for each value of the masks, its pixels inside of regions, and those between other values."""

    def __init__(self) -> None:
        self._pixels, self._inside, self._between = Counter[int](), Counter[int](), Counter[int]()

    def add(self, mask: NDArray[np.int64]) -> None:
        padded = np.pad(mask, 1, mode="edge")
        height, width = mask.shape
        around = np.stack(
            [padded[row : row + height, column : column + width] for row in range(3) for column in range(3)]
        )
        low, high = around.min(0), around.max(0)
        for counter, chosen in (
            (self._pixels, np.ones(mask.shape, np.bool_)),
            (self._inside, low == high),
            (self._between, (low < mask) & (mask < high)),
        ):
            values, counts = np.unique(mask[chosen], return_counts=True)
            counter.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))

    def values(self) -> list[int]:
        """Values that are rims, ascending."""
        return sorted(
            value
            for value, count in self._pixels.items()
            if count >= _MIN_PIXELS
            and self._between[value] >= _MIN_BETWEEN * count
            and self._inside[value] <= _MAX_INSIDE * count
        )
