"""The step-by-step generator: where (segmentation), then everything else (latent), then what (attributes)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scgan.networks.layers import ResidualUpBlock, down, initialize, norm

BOTTLENECK = 8  # height and width of the innermost features, for every image size


class StepByStepGenerator(nn.Module):
    """G(z, c, s) → y of Table 2; for another image size the rule is kept, not the numbers.

    The segmentation is brought down to 8×8, joined by the latent, brought up again, and joined by the attributes at a
    quarter of the image size. With H × H the image size, features at resolution r have ``width · H / 2r`` channels on
    the way down and ``width · H / r`` on the way up.

    Args:
        image_size: H, one of 32, 64, 128, 256.
        class_count: n_s.
        attribute_count: n_c.
        latent_size: n_z.
        width: 64 in the paper.
    """

    def __init__(self, image_size: int, class_count: int, attribute_count: int, latent_size: int, width: int) -> None:
        super().__init__()
        self.image_size = image_size
        self.latent_size = latent_size
        widths = [width * 2**level for level in range((image_size // BOTTLENECK).bit_length() - 1)]
        inputs = [class_count, *widths]
        self.segmentation_encoder = nn.Sequential(*(down(i, o) for i, o in zip(inputs, widths, strict=False)))
        self.latent_expander = nn.Sequential(
            nn.Linear(latent_size, width * BOTTLENECK**2, bias=False),
            nn.Unflatten(1, (width, BOTTLENECK, BOTTLENECK)),
            norm(width),
            nn.ReLU(inplace=True),
        )
        channels = widths[-1] + width
        blocks: list[nn.Module] = []
        for out_channels in reversed(widths):
            if out_channels == 2 * width:  # the block that begins at a quarter of the image size
                self.attributes_at = len(blocks)
                channels += attribute_count
            blocks.append(ResidualUpBlock(channels, out_channels))
            channels = out_channels
        self.blocks = nn.ModuleList(blocks)
        self.to_image = nn.Conv2d(width, 3, 3, 1, 1)
        initialize(self)

    def forward(self, segmentation: Tensor, latent: Tensor, attributes: Tensor) -> Tensor:
        """Make images.

        Args:
            segmentation: one-hot float (N, n_s, H, H).
            latent: float (N, n_z), standard normal.
            attributes: float (N, n_c) in [0, 1].

        Returns:
            Float (N, 3, H, H) in [-1, 1].
        """
        features = torch.cat([self.segmentation_encoder(segmentation), self.latent_expander(latent)], 1)
        for index, block in enumerate(self.blocks):
            if index == self.attributes_at:
                expanded = attributes[:, :, None, None].expand(-1, -1, *features.shape[2:])
                features = torch.cat([features, expanded.to(features.dtype)], 1)
            features = block(features)
        # Under mixed precision the last step is done in full: neighbouring latents differ by little.
        return torch.tanh(self.to_image(features).to(latent.dtype))
