"""Hair, ears and neck in a photo whose mask calls them background, by their colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scgan.editing.blend import BACKGROUND
from scgan.utils.batching import batches

_RING = 1 / 32  # of the image: width of what lies around the face, and of the image's border
_REACH, _FALL = 0.2, 0.12  # of the image: beyond, pixels count less and less
_SPREAD = 18.0  # of 255: colours that differ by less are alike
_MAX_ALIKE = 0.2  # of the likelihood of the border's own pixels, for what lies around the face
_UNKNOWN = 0.02  # likelihood of colours that lie neither around the face nor at the border
_WINDOW = 1 / 14  # of the image: in such a square the weight follows the brightness
_MIN_DEVIATION = 0.02  # of the brightness in it, in [0, 1]; flatter squares get a mean weight
_DISTANCES_AT_ONCE = 2**20


def head_weight(image: NDArray[np.uint8], segmentation: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Estimate which background pixels belong to the head: those whose colour lies around the face, not at the border.

    Args:
        image: uint8 (H, W, 3).
        segmentation: uint8 (H, W), whose class 0 is all that is not face.

    Returns:
        float32 (H, W, 1) in [0, 1]; 1 on the face. 0 everywhere else where both have the same colours.
    """
    from scipy.ndimage import distance_transform_edt

    face = segmentation != BACKGROUND
    if face.all() or not face.any():
        return face[..., None].astype(np.float32)
    size = len(image)
    distance = distance_transform_edt(~face) / size
    border = np.ones_like(face)
    width = max(1, round(_RING * size))
    border[width:, width:-width] = False  # the shoulders are at the lower one
    border &= (distance > 2 * _RING) & (np.arange(size) < np.flatnonzero(face.any(axis=1))[-1])[:, None]
    around = ~face & (distance <= _RING + 0.5 / size)
    colors = image.astype(np.float32)
    far = _likelihood(colors, colors[border])
    if border.any():
        around &= far <= _MAX_ALIKE * np.median(far[border])
    near = _likelihood(colors, colors[around])
    share = near / (near + far + _UNKNOWN)
    share *= np.exp(-(((distance - _REACH).clip(0) / _FALL) ** 2))
    smooth = _guided(share, colors.mean(axis=2) / 255, ~face, 2 * round(_WINDOW * size / 2) + 1)
    weight = np.where(face, 1, smooth.clip(0, 1))
    return np.asarray(weight[..., None], np.float32)


def _guided(
    values: NDArray[np.float32], guide: NDArray[np.float32], region: NDArray[np.bool_], width: int
) -> NDArray[np.float32]:
    """Smooth the values (H, W) of a region up to the edges of a guide by the guided filter (He et al. 2013).

    A blur would carry the change of dark hair into a light wall, as a rim.
    """
    from scipy.ndimage import uniform_filter

    counts = uniform_filter(region.astype(np.float32), width)

    def mean(array: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(uniform_filter(array * region, width) / np.maximum(counts, 1e-6))

    covariance = mean(guide * values) - mean(guide) * mean(values)
    slope = covariance / (mean(guide**2) - mean(guide) ** 2 + _MIN_DEVIATION**2)
    offset = mean(values) - slope * mean(guide)
    return mean(slope) * guide + mean(offset)


def _likelihood(colors: NDArray[np.float32], examples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Estimate the likelihood of colours (H, W, 3) by a kernel density of example colours (n, 3): (H, W)."""
    if not len(examples):
        return np.zeros(colors.shape[:2], np.float32)
    flat = colors.reshape(-1, 3)
    likelihood = np.empty(len(flat), np.float32)
    lengths = (examples**2).sum(axis=1)
    for part in batches(len(flat), max(1, _DISTANCES_AT_ONCE // len(examples))):
        squares = (flat[part] ** 2).sum(axis=1, keepdims=True) - 2 * flat[part] @ examples.T + lengths
        likelihood[part] = np.exp(-squares / (2 * _SPREAD**2)).mean(axis=1)
    return likelihood.reshape(colors.shape[:2])
