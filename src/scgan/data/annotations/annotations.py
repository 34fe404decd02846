"""Annotations of photos, whatever tool they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.annotations.shapes import Shape
from scgan.utils.errors import ItemError


class Region(NamedTuple):
    """A region of one class.

    Attributes:
        label: name of the class.
        shape: its outline.
        order: regions with a larger one cover others; among equals, later ones do.
    """

    label: str
    shape: Shape
    order: int = 0


@dataclass(frozen=True)
class AnnotatedPhoto:
    """Regions of a photo.

    Attributes:
        name: name of the photo in the file.
        size: height and width of the photo that was annotated, or None where the file does not say.
        regions: in the order of the file.
        where: names the annotation in errors.
        damage: reason why the file of this photo cannot be read, or "".
        file_name: name of the annotation's own file, where each photo has one; "" elsewhere.
    """

    name: str
    size: tuple[int, int] | None
    regions: tuple[Region, ...]
    where: str
    damage: str = ""
    file_name: str = ""

    def paint(self, labels: Sequence[str], height: int, width: int) -> NDArray[np.uint8]:
        """Paint the regions over one another: uint8 (H, W), index of each label in ``labels``, 0 where no region is.

        Raises:
            ItemError: the annotation was made for another size, or a shape is damaged.
        """
        if self.damage:
            raise ItemError(self.damage)
        if self.size is not None and self.size != (height, width):
            turned = ", which is the photo before it is turned upright" if self.size == (width, height) else ""
            raise ItemError(
                f"{self.where}: annotations of {self.name} are for {self.size[1]}×{self.size[0]} pixels{turned}, the "
                f"photo has {width}×{height}"
            )
        mask = np.zeros((height, width), np.uint8)
        for region in sorted(self.regions, key=lambda region: region.order):
            try:
                mask[region.shape.draw(height, width)] = labels.index(region.label)
            except Exception as error:  # a damaged shape fails in many ways in the libraries that draw it
                raise ItemError(f"{self.where}: a region of {self.name} is damaged ({error})") from error
        return mask


@dataclass
class Annotations:
    """Content of annotation files.

    Attributes:
        photos: annotated photos in the order of the files.
        labels: names of the classes in the order of the files.
        left_out: kinds of shapes that have no area, or are not read, and their number.
        notes: sentences about what was assumed.
    """

    photos: list[AnnotatedPhoto] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add_labels(self, labels: Sequence[str]) -> None:
        """Add names of classes that are not there yet."""
        self.labels += [label for label in dict.fromkeys(labels) if label not in self.labels]

    def add(self, other: Annotations) -> None:
        """Add what other files have."""
        self.photos += other.photos
        self.add_labels(other.labels)
        self.left_out.update(other.left_out)
        self.notes += other.notes
