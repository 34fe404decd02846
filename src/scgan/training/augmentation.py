"""Images moved and cut, so that a network cannot learn a small data set by heart."""

from __future__ import annotations

import torch
from torch import Tensor


def shifted(images: Tensor, amount: Tensor, share: float) -> Tensor:
    """Move each image by whole pixels, the border repeated.

    Args:
        images: (N, C, H, H).
        amount: (N, 2) in [0, 1], down and to the right; 0.5 stays, 0 and 1 are the largest shifts.
        share: the largest shift, as a share of H.

    Returns:
        (N, C, H, H).
    """
    count, channels, size, _ = images.shape
    place = torch.arange(size, device=images.device)
    moves = ((amount * 2 - 1) * round(size * share)).round().long()
    y, x = ((place + move[:, None]).clamp(0, size - 1) for move in moves.unbind(1))  # each (N, H)
    # Rows, then columns: gather's backward pass is far faster than that of indexing with both.
    rows = images.gather(2, y[:, None, :, None].expand(count, channels, size, size))
    return rows.gather(3, x[:, None, None, :].expand(count, channels, size, size))


def cut(images: Tensor, centre: Tensor, share: float) -> Tensor:
    """A square of each image made grey (0); at the border, less of it.

    Args:
        images: (N, C, H, H).
        centre: (N, 2) in [0, 1), as shares of H.
        share: the side of the square, as a share of H.

    Returns:
        (N, C, H, H).
    """
    size = images.shape[2]
    place = (torch.arange(size, device=images.device) + 0.5) / size
    far_down, far_right = ((place - middle[:, None]).abs() > share / 2 for middle in centre.unbind(1))
    return images * (far_down[:, None, :, None] | far_right[:, None, None, :])
