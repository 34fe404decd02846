"""U-Net for graders: skip connections and batch norm, unlike the segmentor that trains the generator."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scgan.networks.layers import initialize


class UNet(nn.Module):
    """Segmentation network at full resolution, through four scales.

    Args:
        class_count: n_s.
        width: channels at full resolution, doubled at each halving.
    """

    def __init__(self, class_count: int, width: int) -> None:
        super().__init__()
        widths = [width, 2 * width, 4 * width, 4 * width]
        self.down = nn.ModuleList(
            _double(inputs, outputs) for inputs, outputs in zip([3, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(
            _double(inputs + skipped, skipped) for inputs, skipped in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.to_classes = nn.Conv2d(width, class_count, 1)
        initialize(self)

    def forward(self, image: Tensor) -> Tensor:
        """Float (N, 3, H, W) in [-1, 1] → logits (N, n_s, H, W)."""
        features = image
        scales = []
        for level, block in enumerate(self.down):
            features = block(F.max_pool2d(features, 2) if level else features)
            scales.append(features)
        for block, skipped in zip(self.up, scales[-2::-1], strict=True):
            features = block(torch.cat([F.interpolate(features, scale_factor=2, mode="nearest"), skipped], 1))
        return self.to_classes(features)


def _double(in_channels: int, out_channels: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs in (in_channels, out_channels):
        layers += [nn.Conv2d(inputs, out_channels, 3, 1, 1, bias=False), nn.BatchNorm2d(out_channels), nn.ReLU(True)]
    return nn.Sequential(*layers)
