"""Blending of an edited image with its photo: what was not asked to change stays the photo's."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.editing.placement import Placement, sample, square_grid

BACKGROUND = 0

_CHANGED_SHARE = 0.25  # a class of which more is moved is generated as a whole
_MAX_GROWTH = 2  # of the area of a class whose pixels are moved; one that grows more is generated
_RIM, _FEATHER = 1 / 48, 1 / 24  # fractions of the image
_MIN_CHANGE, _FULL_CHANGE = 4.0, 12.0  # of 255
_FADE = 0.06  # of the square, at its border
_MAX_DRAWN = 1024
_STRIP_PIXELS = 2**19  # of the photo, that are blended at once: bounds the memory
_MIN_FLOW = 1e-4  # of the square


class Layers(NamedTuple):
    """Parts of an edited image at one size: ``(1 - weight) * (warped photo + change) + weight * generated``.

    Attributes:
        weight: float32 (H, W, 1) in [0, 1]; exactly 0 where the photo stays.
        generated: float32 (H, W, 3).
        change: float32 (H, W, 3), added to the photo.
        flow: float32 (H, W, 2), x and y from each pixel to the place in the photo where it comes from, in fractions of
            the square; 0 where the photo does not move.
    """

    weight: NDArray[np.float32]
    generated: NDArray[np.float32]
    change: NDArray[np.float32]
    flow: NDArray[np.float32]

    def over(self, photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Lay them over the photo as the model sees it, uint8 (H, W, 3)."""
        source = square_grid(len(photo)) + self.flow[..., 0] + 1j * self.flow[..., 1]
        return self.blend(photo, sample(photo, source, "bicubic"))

    def blend(self, photo: NDArray[Any], warped: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Blend a photo, (H, W, 3) of 0 to 255, and the same photo warped; pixels without any change stay exactly."""
        moved = (np.abs(self.flow) > _MIN_FLOW).any(axis=2, keepdims=True)
        base = np.where(moved, warped, photo)
        blended = (1 - self.weight) * (base + self.change) + self.weight * self.generated
        changed = moved | (self.weight > 0) | (self.change != 0).any(axis=2, keepdims=True)
        return np.where(changed, np.rint(blended.clip(0, 255)), photo).astype(np.uint8)


def changed_region(before: NDArray[np.uint8], after: NDArray[np.uint8], keep_background: bool) -> NDArray[np.bool_]:
    """Find the pixels to generate: bool (H, W).

    These are the pixels with another class than before, a rim around them, and all of a class of which a quarter moves.
    With ``keep_background`` no pixel that was background and stays it; else all of the background.
    """
    from scipy.ndimage import binary_dilation

    moved = before != after
    region = moved.copy()
    if moved.any():
        rim = max(1, round(_RIM * len(before)))
        region = binary_dilation(moved, iterations=rim)
        for index in np.unique(np.concatenate([before[moved], after[moved]])):
            pixels = (before == index) | (after == index)
            if index != BACKGROUND and (moved & pixels).sum() > _CHANGED_SHARE * pixels.sum():
                region |= pixels
    background = (before == BACKGROUND) & (after == BACKGROUND)
    return np.asarray(region & ~background if keep_background else region | background, bool)


def feathered(region: NDArray[np.bool_], moved: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Turn a region into weights (H, W, 1) that rise from its edge inwards to 1; moved pixels have 1."""
    from scipy.ndimage import distance_transform_edt

    if region.all():
        return np.ones((*region.shape, 1), np.float32)
    depth = distance_transform_edt(region) / max(1.0, _FEATHER * len(region))
    return np.where(moved & region, 1, np.minimum(depth, 1))[..., None].astype(np.float32)


def revealed_region(warped: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Find the pixels of a warped photo that show another class than they should, like a revealed cheek: bool (H, W).

    Thin lines along the borders of classes are left out.
    """
    from scipy.ndimage import binary_dilation, binary_opening

    rim = _thin(after)
    differing = (warped != after) & (warped != BACKGROUND) & (after != BACKGROUND)
    return np.asarray(binary_dilation(binary_opening(differing, iterations=rim), iterations=rim), bool)


def grown_region(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Find the classes that grow several times, with a rim: bool (H, W).

    A photo cannot show them, however its pixels are moved: a line between closed lips, stretched, is no open mouth.
    """
    from scipy.ndimage import binary_dilation

    sizes = [np.bincount(mask.ravel(), minlength=256) for mask in (before, after)]
    grown = sizes[1] > _MAX_GROWTH * sizes[0]
    grown[BACKGROUND] = False
    return np.asarray(binary_dilation(grown[after], iterations=_thin(after)), bool)


def _thin(mask: NDArray[np.uint8]) -> int:
    """Width of a thin line in a mask, in pixels."""
    return max(1, round(len(mask) / 64))


def softened(region: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Turn a region into weights (H, W, 1) with soft edges."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(region.astype(np.float32), len(region) / 96)[..., None], np.float32)


def significant(change: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fade out small changes of colour (H, W, 3), which the generator makes everywhere."""
    from scipy.ndimage import gaussian_filter

    strength = gaussian_filter(np.abs(change).max(axis=2), len(change) / 64)
    gate = ((strength - _MIN_CHANGE) / (_FULL_CHANGE - _MIN_CHANGE)).clip(0, 1)
    return np.asarray(change * gate[..., None], np.float32)


def enlarge(values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Resize float (H, W, C) smoothly to (size, size, C)."""
    if len(values) == size:
        return values
    channels = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(values[..., index])).resize((size, size), Image.Resampling.BICUBIC)
        )
        for index in range(values.shape[2])
    ]
    return np.stack(channels, axis=-1)


def drawing_size(placement: Placement, shape: tuple[int, ...], size: int) -> int:
    """Choose the size at which layers for a photo (H, W, …) are drawn: that of the square in it, within bounds."""
    return int(np.clip(round(placement.side(shape)), size, _MAX_DRAWN))


def put_back(photo: NDArray[np.uint8], placement: Placement, layers: Layers) -> NDArray[np.uint8]:
    """Lay layers over their place in a photo, at its resolution: uint8 (H, W, 3).

    They fade out at the border of the square, beyond which the model has seen nothing.
    """
    height, width = photo.shape[:2]
    longer = max(height, width)
    corners = placement.to_photo(np.array([0, 1, 1j, 1 + 1j])) * longer
    left, right = (int(edge) for edge in (np.floor(corners.real.min()), np.ceil(corners.real.max())))
    top, bottom = (int(edge) for edge in (np.floor(corners.imag.min()), np.ceil(corners.imag.max())))
    left, right = sorted(np.clip([left, right], 0, width).tolist())
    top, bottom = sorted(np.clip([top, bottom], 0, height).tolist())
    if left == right or top == bottom:
        return photo.copy()
    result = photo.copy()
    pixels = photo.astype(np.float32)  # once, not for each strip
    rows = max(1, _STRIP_PIXELS // (right - left))
    for start in range(top, bottom, rows):
        end = min(start + rows, bottom)
        result[start:end, left:right] = _blend_part(pixels, placement, layers, (start, end, left, right))
    return result


def _blend_part(
    photo: NDArray[np.float32], placement: Placement, layers: Layers, part: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    """Lay layers over the part (top, bottom, left, right) of a photo, in pixels."""
    top, bottom, left, right = part
    columns, rows = np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5
    points = placement.to_square((columns[None, :] + 1j * rows[:, None]) / max(photo.shape[:2]))
    distance = np.minimum(np.minimum(points.real, 1 - points.real), np.minimum(points.imag, 1 - points.imag))
    fade = (distance / _FADE).clip(0, 1)[..., None].astype(np.float32)
    # Interpolation reaches half a pixel beyond what changes; pixels whose nearest one stays are kept exactly.
    weight, change, flow = (
        np.where(sample(values, points, "nearest") != 0, sample(values, points, "bilinear") * fade, 0)
        for values in (layers.weight, layers.change, layers.flow)
    )
    drawn = Layers(weight, sample(layers.generated, points, "bicubic"), change, flow)
    source = placement.to_photo(points + flow[..., 0] + 1j * flow[..., 1])
    return drawn.blend(photo[top:bottom, left:right], sample(photo, source, "bicubic"))
