"""Mask files to class indices: index masks, palette PNGs and colour masks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.mask_pixels import ambiguous_greys, open_mask, read_pixels
from scgan.data.mask_values import MAX_VALUE, describe_value, parse_value
from scgan.schema import IGNORED, suggest_classes
from scgan.utils.colors import Color, distinct_colors
from scgan.utils.errors import ItemError, UserError
from scgan.utils.text import join_names, read_text

# Names in a file of classes that stand for ignored pixels, except for the first class and for 0 or black, which may be
# the background.
_IGNORED_NAMES = frozenset(
    {"ignore", "ignored", "ignore label", "void", "unlabel", "unlabeled", "unlabelled", "unassigned", "no data"}
    | {"nodata", "no label", "dont care", "dontcare", "don't care", "undecided"}
)

# Smoothing is suspected where this many values lie between others, each in a smaller share of the pixels.
_MIN_BETWEEN, _MAX_RARE = 5, 0.05
SMOOTHED = (
    "has grey values between its classes ({}), which come from smoothing or from resizing: export masks as PNG without "
    "anti-aliasing, and resize them by nearest neighbour."
)

_FORMS = 'expected is ["background", …], {"background": 0, …} or {"background": [0, 0, 0], …}'

TRANSPARENT_NOTE = "transparent pixels of the mask are background"
_SHOWN_NOTE = "values of the mask are its grey levels as shown (white is 255)"


class MaskFile(NamedTuple):
    """Content of a mask file.

    Attributes:
        segmentation: uint8 (H, W), class indices or ``IGNORED``.
        notes: remarks for the user about what was assumed.
    """

    segmentation: NDArray[np.uint8]
    notes: tuple[str, ...]


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
        ignored: values of pixels that belong to no class.
        unused: indices below the largest one that no mask has, where the masks were searched for classes.
    """

    names: tuple[str, ...]
    colors: tuple[Color, ...]
    by_color: bool
    values: tuple[int, ...]
    indices: tuple[int, ...]
    where: str
    ignored: tuple[int, ...] = ()
    unused: tuple[int, ...] = ()

    def read(self, file: Path, content: BinaryIO | None = None) -> MaskFile:
        """Read a mask file as class indices. The arguments are those of ``scgan.data.images.decode``.

        Transparent pixels are background. A mask with 1 bit for a pixel, or with a palette of greys, is read by its
        grey levels (white is 255) where these are values and its indices are not.

        Raises:
            ItemError: it cannot be decoded, or has nothing but ignored pixels.
            UserError: it has a value or colour without a class, or cannot hold a mask (``scgan.data.mask_pixels``).
        """
        image = open_mask(file, content)
        pixels = read_pixels(image, file, self.by_color, self.ignored)
        values, notes = pixels.values, list[str]()
        known = np.asarray(self.values + self.ignored)
        indices = np.asarray(self.indices + (IGNORED,) * len(self.ignored), np.uint8)
        if pixels.shown is not None and np.isin(pixels.shown, known).all():
            if not np.isin(values, known).all():
                values = pixels.shown
                notes.append(_SHOWN_NOTE)
            elif (pixels.shown != values).any() and not np.isin(pixels.shown, (0, 255)).all():
                raise UserError(ambiguous_greys(image, file, np.unique(pixels.shown).tolist()))
        order = np.argsort(known)
        position = np.minimum(np.searchsorted(known[order], values), len(known) - 1)
        unknown = known[order][position] != values
        segmentation = indices[order][position]
        if pixels.transparent is not None:
            unknown &= ~pixels.transparent
            segmentation[pixels.transparent] = 0
            notes.append(TRANSPARENT_NOTE)
        if unknown.any():
            raise UserError(self._unknown_value(file, values, unknown))
        if (segmentation == IGNORED).all():
            raise ItemError(f"{file} has nothing but ignored pixels")
        return MaskFile(segmentation, tuple(notes))

    def ignoring(self, names: Sequence[str]) -> Classes:
        """These classes, with more values of ignored pixels; classes that are named or have these values go.

        Args:
            names: class names, or values as ``parse_ignored`` takes them.

        Raises:
            UserError: a name is neither.
        """
        named = [name for name in names if name in self.names]
        values = parse_ignored([name for name in names if name not in self.names], self.by_color)
        dropped = {self.names.index(name) for name in named}
        dropped |= {index for value, index in zip(self.values, self.indices, strict=True) if value in values}
        if not dropped:
            return replace(self, ignored=tuple(dict.fromkeys(self.ignored + values)))
        kept = [index for index in range(len(self.names)) if index not in dropped]
        pairs = [(value, index) for value, index in zip(self.values, self.indices, strict=True)]
        gone = tuple(value for value, index in pairs if index in dropped)
        return replace(
            self,
            names=tuple(self.names[index] for index in kept),
            colors=tuple(self.colors[index] for index in kept) if self.by_color else distinct_colors(len(kept)),
            values=tuple(value for value, index in pairs if index not in dropped),
            indices=tuple(kept.index(index) for _, index in pairs if index not in dropped),
            ignored=tuple(dict.fromkeys((*self.ignored, *values, *gone))),
        )

    def describe(self, value: int) -> str:
        """A value in words: "the value 255", "the colour #e0e0c0"."""
        return f"the colour #{value:06x}" if self.by_color else f"the value {describe_value(value)}"

    def _unknown_value(self, file: Path, values: NDArray[np.int64], unknown: NDArray[np.bool_]) -> str:
        """Message about the pixels whose value has no class."""
        distinct, counts = np.unique(values[unknown], return_counts=True)
        value, share = int(distinct[counts.argmax()]), float(unknown.mean())
        if self.by_color:
            if {_exchanged(other) for other in distinct.tolist()} <= set(self.values):
                return (
                    f"{file}: the colour {list(to_color(value))} is not in {self.where}, but is with red and blue "
                    "exchanged, as OpenCV writes colours: exchange them in the masks or in the list."
                )
            return (
                f"{file}: the colour {list(to_color(value))} is not in {self.where}; {share:.1%} of the mask's pixels "
                f"have {'this colour' if len(distinct) == 1 else f'such colours ({len(distinct)} of them)'}. The usual "
                "cause is JPEG or anti-aliasing: export masks as PNG without smoothing, in the colours of "
                f"{self.where}.{_about_one_color(distinct.tolist())}"
            )
        occurring, frequencies = np.unique(values, return_counts=True)
        occurring = occurring.tolist()
        if is_smoothed(dict(zip(occurring, frequencies.tolist(), strict=True))):
            return f"{file} {SMOOTHED.format(join_names(occurring))}"
        return (
            f"{file}: class index {value} is out of range, {self.where} has {len(self.values)} classes (values "
            f"{join_names(sorted(self.values))}); the values that occur in this mask are {join_names(occurring)}"
            f"{suggest_classes(occurring[-1])}.{_about_white(occurring)}"
        )


def parse_ignored(names: Sequence[str], by_color: bool) -> tuple[int, ...]:
    """Values of ignored pixels: ``"255"``, ``"-1"``, ``"nan"`` in index masks, ``"#e0e0c0"`` in colour masks.

    Raises:
        UserError: a name is neither, or does not fit the masks.
    """
    values = []
    for name in names:
        digits = name.removeprefix("#")
        if by_color:
            if len(digits) != 6 or not set(digits.lower()) <= set("0123456789abcdef") or digits == name:
                raise UserError(f"--ignore {name}: the masks are told apart by colour: give one, like '#e0e0c0'.")
            values.append(int(digits, 16))
        else:
            value = parse_value(name)
            if value is None:
                raise UserError(f"--ignore {name}: the masks hold values: give one, like 255, -1 or nan.")
            values.append(value)
    return tuple(values)


def _exchanged(color: int) -> int:
    """A colour with red and blue exchanged."""
    red, green, blue = to_color(color)
    return _to_value((blue, green, red))


def is_smoothed(counts: Mapping[int, int]) -> bool:
    """True for many rare values between a few frequent ones, which smoothing makes."""
    total = sum(counts.values())
    rare = [value for value, count in counts.items() if count < _MAX_RARE * total]
    frequent = counts.keys() - set(rare)
    between = [value for value in rare if min(frequent, default=0) < value < max(frequent, default=0)]
    return len(between) >= _MIN_BETWEEN and len(between) >= 2 * len(frequent)


def _about_one_color(colors: Sequence[int]) -> str:
    """Sentence about a single colour without a class, which smoothing would not make."""
    if len(colors) > 1:
        return ""
    return f" If it marks pixels to ignore, `scgan prepare folder --ignore '#{colors[0]:06x}'` leaves them out."


def _about_white(occurring: Sequence[int]) -> str:
    """Sentences about the value 255, where it occurs in a mask but is no class."""
    if IGNORED not in occurring:
        return ""
    return (
        " 255 usually marks pixels to ignore (borders, undecided zones): `scgan prepare folder --ignore 255` leaves "
        'them out. If it stands for an object, say so: --classes with {"background": 0, "object": 255}; masks for a '
        "model hold its class indices."
    )


def read_classes(file: Path) -> Classes:
    """Read a JSON file of classes, the background first, in one of three forms (numbers may also stand first).

    - ``["background", "hair"]``: pixel values (grey levels, palette indices) are class indices,
    - ``{"background": 0, "hair": 255}``: the pixel value of each class,
    - ``{"background": [0, 0, 0], "hair": [255, 0, 0]}``: the colour of each class, in every kind of mask file.

    A class called ignore, void or unlabeled stands for ignored pixels, unless it is the first, 0 or black.

    Raises:
        UserError: the file cannot be read or has another form, or a class has no name or comes twice.
    """

    def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require_unique([name for name, _ in pairs], file)
        return dict(pairs)

    try:
        content = json.loads(read_text(file), object_pairs_hook=unique_keys)
    except RecursionError as error:
        raise UserError(f"{file} is nested too deeply: {_FORMS}.") from error
    except json.JSONDecodeError as error:
        raise UserError(f"{file} is not JSON ({error}): {_FORMS}.") from error
    content = _names_to_values(content, file)
    if not isinstance(content, dict) or not content:
        raise UserError(f"{file} is not a list of classes: {_FORMS}.")
    if not all(name.strip() for name in content):
        raise UserError(f"{file} has a class without a name: {_FORMS}.")
    by_color = isinstance(next(iter(content.values())), list)
    largest = 255 if by_color else MAX_VALUE
    values: list[int] = []
    for name, value in content.items():
        parts = value if by_color else [value]
        if not isinstance(parts, list) or len(parts) != (3 if by_color else 1) or not _are_levels(parts, largest):
            raise UserError(
                f"{file}: class {name!r} has {json.dumps(value)}: {_FORMS}, with numbers from 0 to {largest}."
            )
        if _to_value(parts) in values:
            raise UserError(
                f"{file}: classes {list(content)[values.index(_to_value(parts))]!r} and {name!r} are the same."
            )
        values.append(_to_value(parts))
    colors = tuple(to_color(value) for value in values) if by_color else distinct_colors(len(values))
    indices = tuple(range(len(values)))
    return Classes(tuple(content), colors, by_color, tuple(values), indices, str(file)).ignoring(
        [name for name, value in list(zip(content, values, strict=True))[1:] if value and means_ignored(name)]
    )


def _names_to_values(content: Any, file: Path) -> Any:
    """Turn a list of names, or a mapping of numbers to names, into a mapping of names to values."""
    if isinstance(content, list) and all(isinstance(name, str) for name in content):
        pairs = [(name.strip(), index) for index, name in enumerate(content)]
    elif isinstance(content, dict) and all(key.isdecimal() and isinstance(content[key], str) for key in content):
        pairs = [(name.strip(), int(key)) for key, name in content.items()]
    elif isinstance(content, dict):
        pairs = [(name.strip(), value) for name, value in content.items()]
    else:
        return content
    require_unique([name for name, _ in pairs], file)
    return dict(pairs)


def means_ignored(name: str) -> bool:
    """True if a class of this name stands for ignored pixels: void, unlabeled, don't care and the like."""
    return " ".join(re.sub(r"[_\-’]", _plain_mark, name.lower()).split()) in _IGNORED_NAMES


def _plain_mark(match: re.Match[str]) -> str:
    return "'" if match[0] == "’" else " "


def _to_value(parts: Iterable[int]) -> int:
    value = 0
    for part in parts:
        value = value << 8 | part
    return value


def to_color(value: int) -> Color:
    """Red, green and blue of a value of colour masks."""
    return value >> 16 & 255, value >> 8 & 255, value & 255


def _are_levels(values: Sequence[Any], largest: int) -> bool:
    return all(isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= largest for value in values)


def require_unique(names: list[str], where: object) -> None:
    """Check that each name occurs once.

    Raises:
        UserError: one occurs twice.
    """
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"{where}: {name!r} occurs {names.count(name)} times.")
