"""Mask files to class indices: index masks, palette PNGs and colour masks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import decode
from scgan.utils.colors import Color, distinct_colors
from scgan.utils.errors import ItemError, UserError
from scgan.utils.progress import progress
from scgan.utils.text import join_names, read_text

# With more colours than this, and no list of classes, the colours come from JPEG or anti-aliasing.
_MAX_COLORS = 64


@dataclass(frozen=True)
class Classes:
    """Meaning of the values in mask files.

    A value is the grey level or palette index of a pixel, or, where ``by_color``, red·65536 + green·256 + blue.

    Attributes:
        names: names of the classes, the background first.
        colors: one for each class.
        by_color: true if pixels are told apart by colour.
        values: values that occur in mask files.
        indices: class index of each of these values.
        where: names the origin of the classes in errors.
    """

    names: tuple[str, ...]
    colors: tuple[Color, ...]
    by_color: bool
    values: tuple[int, ...]
    indices: tuple[int, ...]
    where: str

    def read(self, file: Path, content: BinaryIO | None = None) -> NDArray[np.uint8]:
        """Read a mask file as class indices, uint8 (H, W). The arguments are those of ``scgan.data.images.decode``.

        Raises:
            ItemError: it cannot be decoded.
            UserError: it has a value or colour without a class.
        """
        values = _pixel_values(file, self.by_color, content)
        order = np.argsort(self.values)
        sorted_values = np.asarray(self.values)[order]
        position = np.minimum(np.searchsorted(sorted_values, values), len(sorted_values) - 1)
        unknown = sorted_values[position] != values
        if unknown.any():
            raise UserError(self._unknown_value(file, values, unknown))
        return np.asarray(self.indices, np.uint8)[order][position]

    def _unknown_value(self, file: Path, values: NDArray[np.int64], unknown: NDArray[np.bool_]) -> str:
        """Message about the pixels whose value has no class."""
        distinct, counts = np.unique(values[unknown], return_counts=True)
        value, share = int(distinct[counts.argmax()]), float(unknown.mean())
        if self.by_color:
            return (
                f"{file}: the colour {list(_to_color(value))} is not in {self.where}; {share:.1%} of the mask's pixels "
                f"have {'this colour' if len(distinct) == 1 else f'such colours ({len(distinct)} of them)'}. The usual "
                "cause is JPEG or anti-aliasing: export masks as PNG without smoothing, in the colours of "
                f"{self.where}."
            )
        occurring = np.unique(values).tolist()
        white = (
            " If 255 stands for an object, tell `scgan prepare folder` so: --classes with "
            '{"background": 0, "object": 255}; masks for a model hold its class indices.'
        )
        return (
            f"{file}: class index {value} is out of range, {self.where} has {len(self.values)} classes (values "
            f"{join_names(sorted(self.values))}); the values that occur in this mask are {join_names(occurring)}, "
            f"which suggests {occurring[-1] + 1} classes.{white if occurring[-1] == 255 else ''}"
        )


def read_classes(file: Path) -> Classes:
    """Read a JSON file of classes, the background first, in one of three forms.

    - ``["background", "hair"]``: pixel values (grey levels, palette indices) are class indices,
    - ``{"background": 0, "hair": 255}``: the pixel value of each class,
    - ``{"background": [0, 0, 0], "hair": [255, 0, 0]}``: the colour of each class, in every kind of mask file.

    Raises:
        UserError: the file cannot be read or has another form, or a class has no name or comes twice.
    """

    def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require_unique([name for name, _ in pairs], file)
        return dict(pairs)

    try:
        content = json.loads(read_text(file), object_pairs_hook=unique_keys)
    except json.JSONDecodeError as error:
        raise UserError(f"{file} is not JSON ({error}).") from error
    forms = 'expected is ["background", …], {"background": 0, …} or {"background": [0, 0, 0], …}'
    if isinstance(content, list) and all(isinstance(name, str) for name in content):
        require_unique(content, file)
        content = {name: index for index, name in enumerate(content)}
    if not isinstance(content, dict) or not content:
        raise UserError(f"{file} is not a list of classes: {forms}.")
    if not all(name.strip() for name in content):
        raise UserError(f"{file} has a class without a name: {forms}.")
    by_color = isinstance(next(iter(content.values())), list)
    values: list[int] = []
    for name, value in content.items():
        parts = value if by_color else [value]
        if not isinstance(parts, list) or len(parts) != (3 if by_color else 1) or not all(map(_is_level, parts)):
            raise UserError(f"{file}: class {name!r} has {json.dumps(value)}: {forms}, with numbers from 0 to 255.")
        if _to_value(parts) in values:
            raise UserError(
                f"{file}: classes {list(content)[values.index(_to_value(parts))]!r} and {name!r} are the same."
            )
        values.append(_to_value(parts))
    colors = tuple(_to_color(value) for value in values) if by_color else distinct_colors(len(values))
    return Classes(tuple(content), colors, by_color, tuple(values), tuple(range(len(values))), str(file))


def find_classes(masks: Sequence[Path]) -> Classes:
    """Find the classes of mask files by reading every file.

    In grey and palette images the pixel values are class indices; they are called ``class 0``, ``class 1`` and so on
    up to the largest that occurs. In colour images every colour is a class with a name like ``#ff0000``; black, else
    the most frequent colour, is the background, the others follow by name.

    Raises:
        UserError: there are too many colours, or values that are not indices.
    """
    by_color = _are_colored(masks)
    counts: Counter[int] = Counter()
    with progress("find classes", len(masks)) as advance:
        for mask in masks:
            with suppress(ItemError):  # the item is skipped and recorded when it is read
                values, pixels = np.unique(_pixel_values(mask, by_color), return_counts=True)
                counts.update(dict(zip(values.tolist(), pixels.tolist(), strict=True)))
            if by_color and len(counts) > _MAX_COLORS:
                raise UserError(
                    f"{mask}: the masks so far have {len(counts)} colours, too many for classes; the usual cause is "
                    "JPEG or anti-aliasing. Export them as PNG without smoothing, or give the colours: --classes with "
                    '{"background": [0, 0, 0], "hair": [255, 0, 0]}.'
                )
            advance(1, "")
    where = str(masks[0].parent)
    if not counts:
        raise UserError(f"no mask in {where} can be decoded.")
    if not by_color:
        indices = tuple(range(max(counts) + 1))
        if len(indices) > 255:
            raise UserError(
                f"the values of the masks in {where} go up to {max(counts)} ({join_names(sorted(counts))}): say what "
                'they mean with --classes, for example {"background": 0, "object": 255}.'
            )
        names = tuple(f"class {index}" for index in indices)
        return Classes(names, distinct_colors(len(indices)), False, indices, indices, where)
    background = 0 if 0 in counts else max(counts, key=lambda value: counts[value])
    ordered = (background, *sorted(set(counts) - {background}))
    colors = tuple(_to_color(value) for value in ordered)
    names = tuple("#{:02x}{:02x}{:02x}".format(*color) for color in colors)
    return Classes(names, colors, True, ordered, tuple(range(len(ordered))), where)


def mirrored_pairs(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of classes that a horizontal flip exchanges: "left …" and "right …"."""
    pairs = ((name, f"right{name.removeprefix('left')}") for name in names if name.startswith("left"))
    return tuple(pair for pair in pairs if pair[1] in names)


def _are_colored(masks: Iterable[Path]) -> bool:
    """True if the first mask that can be decoded is a colour image."""
    for mask in masks:
        with suppress(ItemError):
            return decode(mask).mode in ("RGB", "RGBA")
    return False


def _pixel_values(file: Path, by_color: bool, content: BinaryIO | None = None) -> NDArray[np.int64]:
    """Values as in ``Classes``: int64 (H, W)."""
    image = decode(file, content)
    if by_color:
        red, green, blue = np.moveaxis(np.asarray(image.convert("RGB"), np.int64), -1, 0)
        return red << 16 | green << 8 | blue
    values = np.asarray(image)
    if values.ndim != 2 or image.mode == "F":
        raise UserError(
            f"{file} is a colour mask ({image.mode}), but its classes have no colours: give them with --classes, "
            'as in {"background": [0, 0, 0], "hair": [255, 0, 0]}.'
        )
    return values.astype(np.int64)


def _to_value(parts: Iterable[int]) -> int:
    value = 0
    for part in parts:
        value = value << 8 | part
    return value


def _to_color(value: int) -> Color:
    return value >> 16 & 255, value >> 8 & 255, value & 255


def _is_level(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255


def require_unique(names: list[str], where: object) -> None:
    """Check that each name occurs once.

    Raises:
        UserError: one occurs twice.
    """
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"{where}: {name!r} occurs {names.count(name)} times.")
