"""Search for the classes of mask files that nobody listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from scgan.data.mask_depth import grey_step
from scgan.data.mask_pixels import COLOR_MODES, open_mask, read_pixels
from scgan.data.masks import SMOOTHED, Classes, is_smoothed, parse_ignored, to_color
from scgan.schema import IGNORED, IGNORED_COLOR
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import ItemError, UserError
from scgan.utils.progress import progress
from scgan.utils.text import join_names

# With more colours than this, and no list of classes, the colours come from JPEG or anti-aliasing.
_MAX_COLORS = 64
# With larger values, of which most do not occur, the values are grey levels rather than class indices.
_MAX_SPARSE = 64
_BORDER = IGNORED_COLOR[0] << 16 | IGNORED_COLOR[1] << 8 | IGNORED_COLOR[2]


def find_classes(masks: Sequence[Path], ignore: Sequence[str] = ()) -> Classes:
    """Find the classes of mask files by reading every file.

    In grey and palette images the pixel values are class indices; they are called ``class 0``, ``class 1`` and so on
    up to the largest that occurs. In colour images every colour is a class with a name like ``#ff0000``; black, else
    the most frequent colour, is the background, the others follow by name. Transparent pixels count as 0 or black.

    Args:
        masks: the files.
        ignore: values of ignored pixels, as ``parse_ignored`` takes them.

    Raises:
        UserError: there are too many colours, only one value, or values that are not indices.
    """
    by_color = _are_colored(masks)
    ignored = parse_ignored(ignore, by_color)
    counts = _count_values(masks, by_color, ignored)
    where = str(masks[0].parent)
    if set(counts) == {0}:
        raise UserError(
            f"the masks in {where} are empty, {'black' if by_color else 'all of their pixels are 0'}: nothing was "
            "drawn in them, or they were saved in a form that loses the classes; at least two classes are needed."
        )
    if not by_color:
        unused = tuple(sorted(set(range(max(counts))) - set(counts)))
        are_levels = max(counts) >= IGNORED or (max(counts) >= _MAX_SPARSE and len(unused) > len(counts))
        if are_levels and is_smoothed(counts):
            raise UserError(f"a mask in {where} {SMOOTHED.format(join_names(sorted(counts)))}")
        if are_levels:
            raise UserError(
                f"the values of the masks in {where} go up to {max(counts)} ({join_names(sorted(counts))}): say what "
                'they mean with --classes, for example {"background": 0, "object": 255}; values of pixels that belong '
                f"to no class (255, usually) with --ignore {max(counts)}."
            )
        indices = tuple(range(max(counts) + 1))
        names = tuple(f"class {index}" for index in indices)
        return Classes(names, distinct_colors(len(indices)), False, indices, indices, where, ignored, unused)
    if _BORDER in counts:
        raise UserError(
            f"the masks in {where} have the colour #{_BORDER:06x}, which marks the borders of objects in Pascal VOC: "
            f"--ignore '#{_BORDER:06x}' leaves these pixels out; if it is a class, list all of them with --classes."
        )
    background = 0 if 0 in counts else max(counts, key=lambda value: counts[value])
    ordered = (background, *sorted(set(counts) - {background}))
    colors = tuple(to_color(value) for value in ordered)
    names = tuple(f"#{value:06x}" for value in ordered)
    return Classes(names, colors, True, ordered, tuple(range(len(ordered))), where, ignored)


def _count_values(masks: Sequence[Path], by_color: bool, ignored: Sequence[int]) -> Counter[int]:
    """Number of pixels of each value in all masks, without ignored ones; transparent pixels have 0."""
    counts: Counter[int] = Counter()
    steps: dict[int, Path] = {}  # a mask for each way of storing grey levels
    reason = ""
    with progress("find classes", len(masks)) as advance:
        for mask in masks:
            try:
                image = open_mask(mask)
                steps.setdefault(grey_step(image), mask)
                pixels = read_pixels(image, mask, by_color, ignored)
                shown = pixels.values if pixels.transparent is None else np.where(pixels.transparent, 0, pixels.values)
                values, numbers = np.unique(shown, return_counts=True)
                counts.update(dict(zip(values.tolist(), numbers.tolist(), strict=True)))
            except ItemError as error:  # the item is skipped and recorded when it is read
                reason = reason or f" ({error})"
            if by_color and len(counts) > _MAX_COLORS:
                raise UserError(
                    f"{mask}: the masks so far have {len(counts)} colours, too many for classes; the usual cause is "
                    "JPEG or anti-aliasing. Export them as PNG without smoothing, or give the colours: --classes with "
                    '{"background": [0, 0, 0], "hair": [255, 0, 0]}.'
                )
            advance(1, "")
    if len(steps) > 1 and not by_color:
        few, full = (steps[step] for step in (max(steps), min(steps)))
        raise UserError(
            f"{few} has fewer bits for a pixel than {full}, so its stored numbers may be classes, or the grey levels "
            "that they are shown as: save all masks with 8 bits, or list the classes with --classes."
        )
    for value in ignored:
        counts.pop(value, None)
    if not counts:
        raise UserError(f"no mask in {masks[0].parent} can be used{reason}.")
    return counts


def _are_colored(masks: Iterable[Path]) -> bool:
    """True if the first mask that can be decoded is a colour image."""
    for mask in masks:
        with suppress(ItemError):
            return open_mask(mask).mode in COLOR_MODES
    return False
