"""Smooth warp of a photo that moves the landmarks of its face, and what is around it less and less."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.editing.placement import square_grid
from scgan.faces.rasterize import forehead

_GRID = 48  # the field is smooth: it is computed on this grid and interpolated
_ANCHORS = 24
_REACH = 1.75  # of the face's own half extents; beyond, nothing moves


def warp_field(before: NDArray[Any], after: NDArray[Any], size: int) -> NDArray[np.float32]:
    """Compute from where each pixel of a warped image comes, relative to itself.

    A thin plate spline through the landmarks and the hairline, with fixed points on an ellipse around the face.

    Args:
        before, after: float (68, 2), fractions of the square.
        size: height and width of the field.

    Returns:
        float32 (size, size, 2), x and y in fractions of the square; 0 where nothing moves.
    """
    from scipy.interpolate import RBFInterpolator, RegularGridInterpolator

    old, new = (np.concatenate([points, forehead(points)]).astype(float) for points in (before, after))
    low, high = np.minimum(old.min(0), new.min(0)), np.maximum(old.max(0), new.max(0))
    center, extent = (low + high) / 2, (high - low) / 2
    angles = np.linspace(0, 2 * np.pi, _ANCHORS, endpoint=False)
    anchors = center + _REACH * extent * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    values = np.concatenate([old - new, np.zeros((_ANCHORS, 2))])
    # A little smoothing: landmarks that lie close together may move in different directions.
    spline = RBFInterpolator(np.concatenate([new, anchors]), values, smoothing=1e-4, kernel="thin_plate_spline")
    grid = square_grid(_GRID)
    points = np.stack([grid.real.ravel(), grid.imag.ravel()], axis=1)
    radius = np.linalg.norm((points - center) / extent, axis=1)
    fade = ((_REACH - radius) / (_REACH - 1)).clip(0, 1)[:, None]
    coarse = (spline(points) * fade * fade * (3 - 2 * fade)).reshape(_GRID, _GRID, 2)
    axis = (np.arange(_GRID) + 0.5) / _GRID
    interpolate = RegularGridInterpolator((axis, axis), coarse, method="linear", bounds_error=False, fill_value=None)
    fine = square_grid(size)
    return np.asarray(interpolate(np.stack([fine.imag, fine.real], axis=-1)), np.float32)


def warp_classes(mask: NDArray[np.uint8], field: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Warp a mask (H, W) by a field of its size, by nearest neighbour."""
    size = len(mask)
    source = square_grid(size)
    columns = np.floor((source.real + field[..., 0]) * size).astype(int).clip(0, size - 1)
    rows = np.floor((source.imag + field[..., 1]) * size).astype(int).clip(0, size - 1)
    return mask[rows, columns]
