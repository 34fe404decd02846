"""Schema of a data set or model: image size, segmentation classes, attributes. Nothing here imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from scgan.utils.colors import Color
from scgan.utils.errors import UserError, describe_error
from scgan.utils.text import counted, did_you_mean, join_names

ImageSize = Literal[32, 64, 128, 256]
IMAGE_SIZES: tuple[int, ...] = get_args(ImageSize)
# Value of a mask's pixels that belong to no class: undecided, unlabelled, the border of an object.
IGNORED = 255
MAX_ATTRIBUTES = 10_000
IGNORED_COLOR: Color = (224, 224, 192)  # as in Pascal VOC


@dataclass(frozen=True)
class Schema:
    """The meaning of every channel of a data set or model.

    Attributes:
        image_size: height and width in pixels, one of ``IMAGE_SIZES``.
        class_names: names of the segmentation classes, in the order of their indices; 0 is the background.
        class_colors: one RGB colour (0…255) for each class, to show masks in.
        attribute_names: names in the order of the attribute vector.
        attribute_groups: sets of attributes of which at most one is 1 (the values of a categorical column).
        mirrored_classes: pairs of classes that are exchanged by a horizontal flip (left arm, right arm).
        landmarks: whether the masks are drawn from 68 facial points.
        ignored: whether masks of the data may have pixels without a class, with the value ``IGNORED``. Losses and
            metrics leave them out; a generator never gets them.

    Raises:
        UserError: the size is not supported, a name occurs twice, or a colour or group does not fit.
    """

    image_size: int
    class_names: tuple[str, ...]
    class_colors: tuple[Color, ...]
    attribute_names: tuple[str, ...] = ()
    attribute_groups: tuple[tuple[str, ...], ...] = ()
    mirrored_classes: tuple[tuple[str, str], ...] = ()
    landmarks: bool = False
    ignored: bool = False

    def __post_init__(self) -> None:
        if self.image_size not in IMAGE_SIZES:
            raise UserError(f"image size {self.image_size} is not supported: choose one of {join_names(IMAGE_SIZES)}.")
        if len(self.class_names) < 2:
            raise UserError(f"at least 2 segmentation classes are needed, found {len(self.class_names)}.")
        if len(self.class_names) > 255:
            raise UserError(f"at most 255 segmentation classes are supported, found {len(self.class_names)}.")
        if len(self.class_colors) != len(self.class_names):
            raise UserError(
                f"{counted(len(self.class_names), 'class', 'classes')} but "
                f"{counted(len(self.class_colors), 'class colour')}."
            )
        if len(self.attribute_names) > MAX_ATTRIBUTES:
            raise UserError(f"at most {MAX_ATTRIBUTES} attributes are supported, found {len(self.attribute_names)}.")
        if not all(0 <= level <= 255 for color in self.class_colors for level in color):
            raise UserError("a class colour has a value that is not between 0 and 255.")
        for name in (*self.class_names, *self.attribute_names):
            _require_characters(name)
        _require_unique("class", self.class_names)
        _require_unique("attribute", self.attribute_names)
        attribute_names = frozenset(self.attribute_names)
        for group in self.attribute_groups:
            for name in group:
                if name not in attribute_names:
                    raise UserError(f"attribute group {group} names {name!r}, which is not an attribute.")
        for pair in self.mirrored_classes:
            for name in pair:
                if name not in self.class_names:
                    raise UserError(f"mirrored classes {pair} name {name!r}, which is not a class.")

    @property
    def class_count(self) -> int:
        return len(self.class_names)

    @property
    def attribute_count(self) -> int:
        return len(self.attribute_names)

    @property
    def mirrored_indices(self) -> NDArray[np.uint8]:
        """Value that each value of a mask becomes in a horizontal flip, uint8 (256,)."""
        indices = np.arange(256, dtype=np.uint8)
        for pair in self.mirrored_classes:
            left, right = map(self.class_names.index, pair)
            indices[left], indices[right] = right, left
        return indices

    def to_json(self) -> dict[str, Any]:
        """JSON values; ``ignored`` only where it is true, so that fingerprints of other data do not depend on it."""
        return {name: value for name, value in asdict(self).items() if name != "ignored" or value}

    @staticmethod
    def from_json(values: dict[str, Any], where: str) -> Schema:
        """Read the values that ``to_json`` wrote.

        Args:
            values: from JSON.
            where: names the file in errors.

        Raises:
            UserError: the values are not a schema.
        """
        try:
            return TypeAdapter(Schema).validate_python(values)
        except UserError as error:
            raise UserError(f"{where}: {error}") from error
        except ValidationError as error:
            raise UserError(
                f"{where} does not hold a readable schema ({describe_error(error)}): it was not written by scgan."
            ) from error

    def require_same(self, other: Schema, mine: str, others: str) -> None:
        """Check that two things have the same channels.

        Args:
            other: schema of the other thing.
            mine: names this thing in errors.
            others: names the other thing in errors.

        Raises:
            UserError: size, classes or attributes differ.
        """
        if self.image_size != other.image_size:
            raise UserError(f"{mine} has size {self.image_size}, {others} has size {other.image_size}.")
        for kind, a, b in (
            ("classes", self.class_names, other.class_names),
            ("attributes", self.attribute_names, other.attribute_names),
        ):
            if a == b:
                continue
            only_a = [name for name in a if name not in b]
            only_b = [name for name in b if name not in a]
            if only_a or only_b:
                raise UserError(
                    f"{mine} and {others} differ in their {kind}: only {mine} has {join_names(only_a)}; "
                    f"only {others} has {join_names(only_b)}."
                )
            raise UserError(
                f"{mine} and {others} have the same {kind} in another order: {join_names(a)} / {join_names(b)}."
            )

    def parse_attributes(self, text: str) -> NDArray[np.float32]:
        """``"Blond_Hair,Young=0.5"`` → float32 (n_attributes,) in [0, 1]; others are 0.

        A categorical value is written as its attribute is named: ``color=red``, with a weight ``color=red=0.5``.

        Raises:
            UserError: a name is unknown or given twice, a value is not a number in [0, 1], or the values of a group
                have a sum above 1.
        """
        return self.attribute_vector(self.attribute_values(text))

    def attribute_values(self, text: str) -> dict[str, float]:
        """Read ``"Blond_Hair,Young=0.5"`` as numbers by name, which ``attribute_vector`` checks.

        Raises:
            UserError: a name is given twice, or a value is not a number.
        """
        values: dict[str, float] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, value = self._split_value(part)
            if name in values:
                raise UserError(f"attribute {name!r} is given twice.")
            values[name] = value
        return values

    def attribute_vector(self, values: Mapping[str, float]) -> NDArray[np.float32]:
        """Attributes by name → float32 (n_attributes,) in [0, 1]; others are 0.

        Raises:
            UserError: as in ``parse_attributes``.
        """
        vector = np.zeros(self.attribute_count, np.float32)
        for name, value in values.items():
            if name not in self.attribute_names:
                known = f"known are {join_names(self.attribute_names)}."
                raise UserError(f"unknown attribute {name!r}; {did_you_mean(name, self.attribute_names, known)}")
            if not 0 <= value <= 1:
                raise UserError(f"attribute {name!r} has value {value:g}, which is not between 0 and 1.")
            vector[self.attribute_names.index(name)] = value
        for group in self.attribute_groups:
            total = sum(float(vector[self.attribute_names.index(name)]) for name in group)
            if total > 1 + 1e-6:
                raise UserError(f"attributes {join_names(group)} exclude each other, but their sum is {total:g}.")
        return vector

    def _split_value(self, part: str) -> tuple[str, float]:
        name, separator, text = part.rpartition("=")
        if part in self.attribute_names or not separator:  # "color=red": the whole is a name
            return part, 1.0
        try:
            return name, float(text)
        except ValueError:
            if name in self.attribute_names:
                raise UserError(f"attribute {name!r} has value {text!r}, which is not a number.") from None
            return part, 1.0

    def require_segmentation(self, segmentation: NDArray[Any], where: str) -> None:
        """Check a mask (or a stack of masks) against the classes.

        Args:
            segmentation: integers, any shape.
            where: names the mask in the error.

        Raises:
            UserError: not integers, or an index without a class: says which values occur.
        """
        if not np.issubdtype(segmentation.dtype, np.integer):
            raise UserError(f"{where}: a segmentation holds class indices (integers), not {segmentation.dtype}.")
        values = np.unique(segmentation)
        if IGNORED in values:
            raise UserError(
                f"{where}: {np.mean(segmentation == IGNORED):.1%} of the pixels have the value {IGNORED}, which marks "
                f"ignored pixels and is no class: give each pixel one of the {self.class_count} classes "
                f"(0…{self.class_count - 1})."
            )
        if values.size and (values[0] < 0 or values[-1] >= self.class_count):
            raise UserError(
                f"{where}: class index {int(values[-1] if values[-1] >= self.class_count else values[0])} is out of "
                f"range, there are {self.class_count} classes (0…{self.class_count - 1}); the values that occur are "
                f"{join_names(values.tolist())}{suggest_classes(int(values[-1]))}."
            )


def colorize(segmentation: NDArray[Any], schema: Schema) -> NDArray[np.uint8]:
    """Class indices (…, H, W) → their colours, uint8 (…, H, W, 3); ``IGNORED`` is shown in a colour of its own."""
    colors = np.zeros((256, 3), np.uint8)
    colors[IGNORED] = IGNORED_COLOR
    colors[: schema.class_count] = schema.class_colors
    return colors[segmentation]


def suggest_classes(largest: int) -> str:
    """End of a sentence about a mask's largest value: the number of classes it suggests, where that is plausible."""
    return f", which suggests {largest + 1} classes" if 0 < largest < IGNORED else ""


def _require_characters(name: str) -> None:
    """Refuse half a character (a lone surrogate), which no output in UTF-8 can hold."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"the name {name!r} holds half a character: rename it.") from error


def _require_unique(kind: str, names: tuple[str, ...]) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise UserError(f"{kind} name {name!r} occurs {names.count(name)} times.")
        seen.add(name)


def describe_attributes(attributes: NDArray[np.float32], schema: Schema) -> str:
    """``[1, 0, 0.5]`` → ``"Blond_Hair, Young=0.5"``; ``"no attribute"`` when all are 0."""
    named = zip(schema.attribute_names, attributes.tolist(), strict=True)
    return ", ".join(name if value == 1 else f"{name}={value:.3g}" for name, value in named if value) or "no attribute"
