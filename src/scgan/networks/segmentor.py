"""Segmentor, from an image to the classes of its pixels."""

from __future__ import annotations

from torch import Tensor, nn

from scgan.networks.layers import ResidualBlock, down, initialize, up


class Segmentor(nn.Module):
    """S of Table 2: two convolutions of stride 2, four residual blocks, two transposed convolutions, one 3×3.

    Args:
        class_count: n_s.
        width: 64 in the paper.
    """

    def __init__(self, class_count: int, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            down(3, width),
            down(width, 2 * width),
            *(ResidualBlock(2 * width) for _ in range(4)),
            up(2 * width, width),
            up(width, width // 2),
            nn.Conv2d(width // 2, class_count, 3, 1, 1),
        )
        initialize(self)

    def forward(self, image: Tensor) -> Tensor:
        """Float (N, 3, H, W) in [-1, 1] → logits (N, n_s, H, W)."""
        return self.layers(image)
