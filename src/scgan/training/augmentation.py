"""Random shifts and cutouts, which keep a network from memorizing a small data set."""

from __future__ import annotations

import torch
from torch import Tensor


def shift(images: Tensor, amount: Tensor, max_share: float) -> Tensor:
    """Move each image by whole pixels and repeat its border.

    Args:
        images: (N, C, H, H).
        amount: (N, 2) in [0, 1], down and to the right; 0.5 is no shift, 0 and 1 are the largest shifts.
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
