"""Shapes of regions, each drawn by the rule of its tool. They are small, so that they can be sent to processes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Mask = NDArray[np.bool_]

_MAX_OUTSIDE = 10  # in lengths of the photo's longer side


class Shape(Protocol):
    """Outline of a region."""

    def draw(self, height: int, width: int) -> Mask:
        """The pixels of the region, bool (H, W).

        Raises:
            ValueError: the shape is damaged, or made for another size.
        """


@dataclass(frozen=True)
class Polygons:
    """Union of polygons whose points are corners of pixels (COCO, CVAT, Label Studio): x, y, x, y, …"""

    parts: tuple[tuple[float, ...], ...]

    def draw(self, height: int, width: int) -> Mask:
        from pycocotools import mask as coco

        parts = [list(part) for part in self.parts if len(part) >= 6]
        for part in parts:
            _require_near(part, height, width)
        if not parts:
            return np.zeros((height, width), np.bool_)
        return _decode(coco.merge(coco.frPyObjects(parts, height, width)))


@dataclass(frozen=True)
class Drawing:
    """Shape whose points are centres of pixels, edges included (labelme): polygon, rectangle or circle.

    A circle has its middle and a point of its rim.
    """

    kind: str
    points: tuple[tuple[float, float], ...]

    def draw(self, height: int, width: int) -> Mask:
        _require_near([number for point in self.points for number in point], height, width)
        if self.kind == "circle" and len(self.points) != 2:
            raise ValueError(f"a circle has 2 points, not {len(self.points)}")
        canvas = Image.new("L", (width, height))
        pen = ImageDraw.Draw(canvas)
        if self.kind == "circle":
            (x, y), (rim_x, rim_y) = self.points
            radius = float(np.hypot(x - rim_x, y - rim_y))
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1)
        elif self.kind == "rectangle":
            (left, right), (top, bottom) = (sorted(axis) for axis in zip(*self.points, strict=True))
            pen.rectangle((left, top, right, bottom), fill=1)
        elif len(self.points) > 2:
            pen.polygon(list(self.points), fill=1, outline=1)
        return np.asarray(canvas, np.bool_)


@dataclass(frozen=True)
class Bitmap:
    """Mask of a part of the photo, as the bytes of an image file (labelme)."""

    content: bytes
    left: int
    top: int

    def draw(self, height: int, width: int) -> Mask:
        try:
            part = np.asarray(Image.open(BytesIO(self.content)).convert("L"), np.bool_)
        except OSError as error:
            raise ValueError("its mask is no image") from error
        return _placed(part, self.left, self.top, height, width)


@dataclass(frozen=True)
class Runs:
    """Mask of a part of the photo as lengths of runs, row by row, of pixels outside and inside in turn (CVAT)."""

    counts: tuple[int, ...]
    left: int
    top: int
    width: int
    height: int

    def draw(self, height: int, width: int) -> Mask:
        values = np.repeat(np.arange(len(self.counts)) % 2 == 1, self.counts)
        return _placed(values.reshape(self.height, self.width), self.left, self.top, height, width)


@dataclass(frozen=True)
class CocoRuns:
    """Run lengths of COCO over the whole image, column by column: a list, or compressed text."""

    counts: tuple[int, ...] | str
    size: tuple[int, int]

    def draw(self, height: int, width: int) -> Mask:
        from pycocotools import mask as coco

        _require_size(self.size, height, width)
        runs: dict[str, Any] = {"size": list(self.size), "counts": self.counts}
        if not isinstance(self.counts, str):
            runs = coco.frPyObjects(runs | {"counts": list(self.counts)}, *self.size)
        return _placed(_decode(runs), 0, 0, height, width)


@dataclass(frozen=True)
class Brush:
    """Strokes of Label Studio: run lengths of the bits of an RGBA image, whose alpha is the mask."""

    rle: bytes
    size: tuple[int, int]

    def draw(self, height: int, width: int) -> Mask:
        _require_size(self.size, height, width)
        alpha = _decode_brush(self.rle).reshape(*self.size, 4)[..., 3]
        return _placed(alpha > 0, 0, 0, height, width)


def ellipse(center: tuple[float, float], radii: tuple[float, float], degrees: float = 0) -> Polygons:
    """An ellipse as a polygon of 128 corners, turned clockwise about its middle."""
    angles, turn = np.linspace(0, 2 * np.pi, 128, endpoint=False), np.deg2rad(degrees)
    x, y = radii[0] * np.cos(angles), radii[1] * np.sin(angles)
    points = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], 1) + center
    return Polygons((tuple(points.ravel().tolist()),))


def box(left: float, top: float, width: float, height: float, degrees: float = 0, middle: bool = False) -> Polygons:
    """A rectangle as a polygon, turned clockwise about its upper left corner, or about its middle."""
    turn, pivot = np.deg2rad(degrees), np.array([width / 2, height / 2]) if middle else np.zeros(2)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - pivot
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points = corners @ rotation + pivot + (left, top)
    return Polygons((tuple(points.ravel().tolist()),))


def _require_near(numbers: Sequence[float], height: int, width: int) -> None:
    """Check coordinates: those far outside of the photo cost memory, and are mistakes."""
    limit = _MAX_OUTSIDE * max(height, width)
    for number in numbers:
        if not abs(number) <= limit:  # false for NaN
            raise ValueError(f"the coordinate {number:g} lies far outside of the photo")


def _require_size(size: tuple[int, int], height: int, width: int) -> None:
    if size != (height, width):
        raise ValueError(f"its run lengths are for {size[1]}×{size[0]} pixels, the photo has {width}×{height}")


def _decode(runs: Any) -> Mask:
    from pycocotools import mask as coco

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools 2.0.11 with numpy 2
        return np.asarray(coco.decode(runs)).astype(np.bool_)


def _placed(part: Mask, left: int, top: int, height: int, width: int) -> Mask:
    if left < 0 or top < 0 or top + part.shape[0] > height or left + part.shape[1] > width:
        raise ValueError(f"a mask of {part.shape[1]}×{part.shape[0]} pixels lies outside of the photo")
    mask = np.zeros((height, width), np.bool_)
    mask[top : top + part.shape[0], left : left + part.shape[1]] = part
    return mask


def _decode_brush(rle: bytes) -> NDArray[np.uint8]:
    """Bytes of the RGBA image. Bits: count (32), word size - 1 (5), four run sizes - 1 (4 each), then the runs."""
    bits = np.unpackbits(np.frombuffer(rle, np.uint8))
    text = bits.tobytes().translate(bytes.maketrans(b"\0\1", b"01")).decode()
    position = 0

    def take(count: int) -> int:
        nonlocal position
        position += count
        return int(text[position - count : position], 2)

    total, word = take(32), take(5) + 1
    lengths = [take(4) + 1 for _ in range(4)]
    parts, filled = list[bytes](), 0
    while filled < total:
        repeated, count = take(1), take(lengths[take(2)]) + 1
        parts.append(bytes([take(word)]) * count if repeated else bytes(take(word) for _ in range(count)))
        filled += count
    return np.frombuffer(b"".join(parts)[:total], np.uint8)
