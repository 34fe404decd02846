"""Canvas of toy faces: smooth shapes and light on a part of an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from scgan.faces.pose import Pose

Field = NDArray[np.floating[Any]]

CIRCLE = np.stack([np.cos(np.arange(24) * np.pi / 12), np.sin(np.arange(24) * np.pi / 12)], axis=1)

# Factor by which shapes are drawn larger, so that their edges are smooth.
_OVERSAMPLING = 4


@dataclass(frozen=True)
class Canvas:
    """Rectangle of an image, and the grid on which light is computed.

    Attributes:
        pose: pose of the face.
        size: size of the whole image, in pixels.
        left, top: corner of the rectangle, in pixels.
        image: float32 (height, width, 3), the colours so far.
        across, down: float32 (height, width), place of each pixel in the face's own unit and tilt.
    """

    pose: Pose
    size: int
    left: int
    top: int
    image: Field
    across: Field
    down: Field

    @staticmethod
    def blank(pose: Pose, size: int) -> Canvas:
        """Canvas of the whole image, black."""
        ticks = (np.arange(size) + 0.5) / size
        across, down = _upright(pose, ticks[None, :], ticks[:, None])
        image = np.zeros((size, size, 3), np.float32)
        return Canvas(pose, size, 0, 0, image, across.astype(np.float32), down.astype(np.float32))

    def around(self, outline: NDArray[Any]) -> Canvas:
        """View of the part around a line (n, 2) in fractions: painting it paints this canvas."""
        low = np.clip(np.floor(outline.min(axis=0) * self.size - 2), 0, self.size - 1).astype(int)
        high = np.clip(np.ceil(outline.max(axis=0) * self.size + 2), low + 1, self.size).astype(int)
        part = (slice(low[1], high[1]), slice(low[0], high[0]))
        grids = self.image[part], self.across[part], self.down[part]
        return Canvas(self.pose, self.size, int(low[0]), int(low[1]), *grids)

    def cover(self, outline: NDArray[Any], blur: float = 0) -> Field:
        """Share of each pixel that a closed outline covers: float32 (height, width) in [0, 1].

        Args:
            outline: float (n, 2), fractions of the whole image.
            blur: blur of the edge, in the face's unit.
        """
        image = self._blank()
        ImageDraw.Draw(image).polygon(self._pixels(outline), fill=255)
        image = image.reduce(_OVERSAMPLING)
        if blur:
            image = image.filter(ImageFilter.GaussianBlur(blur * self.pose.scale * self.size))
        return np.asarray(image, np.float32) / 255

    def cover_lines(self, lines: Sequence[NDArray[Any]], width: float) -> Field:
        """Cover of open lines (n, 2) of a width in the face's unit."""
        image = self._blank()
        thickness = max(1, round(width * self.pose.scale * self.size * _OVERSAMPLING))
        for line in lines:
            ImageDraw.Draw(image).line(self._pixels(line), fill=255, width=thickness, joint="curve")
        return np.asarray(image.reduce(_OVERSAMPLING), np.float32) / 255

    def cover_disc(self, center: NDArray[Any], radius: float) -> Field:
        """Cover of a disc around a point in fractions, of a radius in the face's unit."""
        return self.cover(center + radius * self.pose.scale * CIRCLE)

    def glow(self, center: NDArray[Any], radius_across: float, radius_down: float) -> Field:
        """Soft spot around a point in fractions: float32 (height, width), 1 in the middle."""
        x, y = self.place(center)
        return np.exp(-(((self.across - x) / radius_across) ** 2) - ((self.down - y) / radius_down) ** 2)

    def place(self, point: NDArray[Any]) -> tuple[float, float]:
        """Convert a point in fractions of the image to the units of ``across`` and ``down``."""
        x, y = _upright(self.pose, point[0], point[1])
        return float(x), float(y)

    def paint(self, cover: Field, paint: Any) -> None:
        """Blend a colour (3,), or one for each pixel, over the image."""
        self.image[:] += cover[..., None] * (np.asarray(paint, np.float32) - self.image)

    def _blank(self) -> Image.Image:
        height, width = self.across.shape
        return Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))

    def _pixels(self, line: NDArray[Any]) -> list[int]:
        pixels = (line * self.size - (self.left, self.top)) * _OVERSAMPLING - 0.5
        return np.rint(pixels).astype(int).ravel().tolist()


def _upright(pose: Pose, x: Any, y: Any) -> tuple[Any, Any]:
    """Fractions of the image → the face's own unit, its bridge in the origin, its tilt undone."""
    x, y = (x - pose.center[0]) / pose.scale, (y - pose.center[1]) / pose.scale
    cos, sin = np.cos(np.radians(pose.tilt)), np.sin(np.radians(pose.tilt))
    return x * cos + y * sin, y * cos - x * sin
