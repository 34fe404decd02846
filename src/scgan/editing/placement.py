"""Placement of a model's square in a photo, by shift, scale and rotation; cutting it out."""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image

from scgan.data.images import Square

_MAX_CUT = 2048  # pixels of a side that a square is sampled with before it is reduced


class Placement(NamedTuple):
    """Similarity transform from the square that a model sees to a photo: ``turn * z + corner`` of complex numbers.

    Points of the square are fractions of its side, x + iy; those of the photo are fractions of its longer side, so that
    a smaller copy of the photo has the same placement.

    Attributes:
        turn: rotation and scale.
        corner: place of the square's upper left corner.
    """

    turn: complex
    corner: complex

    def side(self, shape: tuple[int, ...]) -> float:
        """Side of the square in pixels of a photo (H, W, …)."""
        return abs(self.turn) * max(shape[:2])

    def to_photo(self, points: NDArray[Any]) -> NDArray[np.complex128]:
        """Convert complex points of the square to those of the photo."""
        return np.asarray(self.turn * points + self.corner)

    def to_square(self, points: NDArray[Any]) -> NDArray[np.complex128]:
        """Convert complex points of the photo to those of the square."""
        return np.asarray((points - self.corner) / self.turn)


def place_square(square: Square, shape: tuple[int, ...]) -> Placement:
    """Convert an upright square in pixels of a photo (H, W, …)."""
    longer = max(shape[:2])
    return Placement(complex(square.side / longer), complex(square.left, square.top) / longer)


def place_landmarks(points: NDArray[Any], target: NDArray[Any], shape: tuple[int, ...]) -> Placement:
    """Fit the placement that shows a face of a photo at target points, by least squares.

    Args:
        points: float (68, 2), fractions of the photo's width and height.
        target: float (68, 2), fractions of the square.
        shape: of the photo, (H, W, …).
    """
    photo, square = photo_points(points, shape), target[:, 0] + 1j * target[:, 1]
    centered = square - square.mean()
    turn = complex(np.vdot(centered, photo - photo.mean()) / np.vdot(centered, centered))
    return Placement(turn, complex(photo.mean() - turn * square.mean()))


def photo_points(points: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.complex128]:
    """Convert fractions of width and height (n, 2) to complex fractions of the longer side."""
    height, width = shape[:2]
    return np.asarray((points[:, 0] * width + 1j * points[:, 1] * height) / max(height, width))


def cut(photo: NDArray[np.uint8], placement: Placement, size: int) -> NDArray[np.uint8]:
    """Cut the square out of a photo with antialiasing; beyond the edges the nearest pixels are repeated.

    Returns:
        uint8 (size, size, 3).
    """
    factor = max(1, min(ceil(placement.side(photo.shape) / size), _MAX_CUT // size))
    excess = placement.side(photo.shape) / (size * factor)
    if excess > 1:
        height, width = (max(1, round(side / excess)) for side in photo.shape[:2])
        photo = np.asarray(Image.fromarray(photo).resize((width, height), Image.Resampling.BICUBIC))
    large = size * factor
    pixels = sample(photo, placement.to_photo(square_grid(large)), "bicubic")
    image = Image.fromarray(np.rint(pixels.clip(0, 255)).astype(np.uint8))
    return np.array(image.resize((size, size), Image.Resampling.BICUBIC))


def cut_classes(mask: NDArray[np.uint8], placement: Placement, size: int) -> NDArray[np.uint8]:
    """Cut the square out of a photo's mask by nearest neighbour: uint8 (size, size), of class 0 beyond the edges."""
    height, width = mask.shape
    pixels = placement.to_photo(square_grid(size)) * max(height, width)
    columns, rows = np.floor(pixels.real).astype(int), np.floor(pixels.imag).astype(int)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    return np.where(inside, mask[rows.clip(0, height - 1), columns.clip(0, width - 1)], 0).astype(np.uint8)


def square_grid(size: int) -> NDArray[np.complex128]:
    """Build the centers of a square's pixels, complex (size, size)."""
    centers = (np.arange(size) + 0.5) / size
    return np.asarray(centers[None, :] + 1j * centers[:, None])


def sample(image: NDArray[Any], points: NDArray[np.complex128], mode: str) -> NDArray[np.float32]:
    """Interpolate an image (H, W, C) at complex points, fractions of its longer side; edges are repeated."""
    height, width = image.shape[:2]
    longer = max(height, width)
    grid = np.stack([2 * points.real * longer / width - 1, 2 * points.imag * longer / height - 1], axis=-1)
    tensor = torch.from_numpy(np.ascontiguousarray(image, np.float32)).permute(2, 0, 1)[None]
    values = F.grid_sample(
        tensor, torch.from_numpy(grid.astype(np.float32))[None], mode=mode, padding_mode="border", align_corners=False
    )
    return np.asarray(values[0].permute(1, 2, 0).numpy())
