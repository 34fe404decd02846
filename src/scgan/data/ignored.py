"""Ignored pixels: masks without them, for generators, which need a class everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scgan.schema import IGNORED


def fill_ignored(segmentations: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give each ignored pixel the class of the nearest pixel that has one.

    Args:
        segmentations: uint8 (H, W) or (N, H, W), class indices or ``IGNORED``.

    Returns:
        The same shape, without ``IGNORED``; a mask that has nothing else becomes background. The array itself if no
        pixel is ignored.
    """
    ignored = segmentations == IGNORED
    if not ignored.any():
        return segmentations
    if segmentations.ndim == 3:
        return np.stack([fill_ignored(mask) for mask in segmentations])
    if ignored.all():
        return np.zeros_like(segmentations)
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(ignored, return_distances=False, return_indices=True)
    return np.asarray(segmentations[tuple(nearest)])
