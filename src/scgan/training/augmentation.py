"""Random changes of images, which keep a network from memorizing a small data set (Zhao et al. 2020), and of photos
with their masks."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def color(images: Tensor, amount: Tensor, strength: float) -> Tensor:
    """Change brightness, saturation and contrast of each image, in this order.

    Args:
        images: (N, 3, H, W) in [-1, 1]; results may lie outside.
        amount: (N, 3) in [0, 1], for the three; 0.5 changes nothing.
        strength: 1 for the changes of the paper: brightness ±0.5, saturation times 0 to 2, contrast times 0.5 to 1.5.

    Returns:
        (N, 3, H, W).
    """
    brightness, saturation, contrast = ((amount - 0.5) * strength)[:, :, None, None, None].unbind(1)
    images = images + brightness
    gray = images.mean(1, keepdim=True)
    images = gray + (images - gray) * (1 + 2 * saturation)
    mean = images.mean((1, 2, 3), keepdim=True)
    return mean + (images - mean) * (1 + contrast)


def shift(images: Tensor, amount: Tensor, max_share: float) -> Tensor:
    """Move each image by whole pixels and repeat its border.

    Args:
        images: (N, C, H, H).
        amount: (N, 2) in [0, 1], up and to the left; 0.5 is no shift, 0 and 1 are the largest shifts.
        max_share: the largest shift, as a share of H.

    Returns:
        (N, C, H, H).
    """
    count, channels, size, _ = images.shape
    indices = torch.arange(size, device=images.device)
    offsets = ((amount * 2 - 1) * round(size * max_share)).round().long()
    y, x = ((indices + offset[:, None]).clamp(0, size - 1) for offset in offsets.unbind(1))  # each (N, H)
    # Rows, then columns: gather's backward pass is far faster than that of indexing with both.
    rows = images.gather(2, y[:, None, :, None].expand(count, channels, size, size))
    return rows.gather(3, x[:, None, None, :].expand(count, channels, size, size))


def cutout(images: Tensor, center: Tensor, share: float) -> Tensor:
    """Set a square of each image to gray (0); it is cut off at the border.

    Args:
        images: (N, C, H, H).
        center: (N, 2) in [0, 1), as shares of H.
        share: the side of the square, as a share of H.

    Returns:
        (N, C, H, H).
    """
    size = images.shape[2]
    positions = (torch.arange(size, device=images.device) + 0.5) / size
    outside_y, outside_x = ((positions - middle[:, None]).abs() > share / 2 for middle in center.unbind(1))
    return images * (outside_y[:, None, :, None] | outside_x[:, None, None, :])


def warp(images: Tensor, amount: Tensor, strength: float, mode: str) -> Tensor:
    """Turn, scale and move each image; what lies beyond its border is mirrored.

    Args:
        images: floats (N, C, H, H).
        amount: (N, 4) in [0, 1], for angle, size, and the shifts to the left and upwards; 0.5 changes nothing.
        strength: the largest angle in radians, the largest logarithm of the factor of the size, and twice the largest
            shift as a share of H.
        mode: "bicubic", whose results may lie a little outside of the range, or "nearest" for class indices.

    Returns:
        (N, C, H, H).
    """
    angle, size, x, y = ((2 * amount - 1) * strength).unbind(1)
    cosine, sine = torch.cos(angle) / size.exp(), torch.sin(angle) / size.exp()
    to_source = torch.stack([torch.stack([cosine, -sine, x], 1), torch.stack([sine, cosine, y], 1)], 1)
    grid = F.affine_grid(to_source, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode, padding_mode="reflection", align_corners=False)
