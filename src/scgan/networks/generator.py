"""Generators, by the order of their inputs.

Step by step: segmentation, latent, attributes. Reversed: the latent first, the others late (section 5.9). Without a
segmentation: latent and attributes together, for WGAN-GP and ACWGAN.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scgan.networks.layers import ResidualUpBlock, StyleMapping, ToImage, down, initialize, norm
from scgan.utils.errors import UserError

BOTTLENECK = 8  # height and width of the innermost features at every image size


class StepByStepGenerator(nn.Module):
    """G(z, c, s) → y of Table 2, extended to other image sizes by the same rule.

    The segmentation is encoded to 8×8 and concatenated with the latent; the features are then decoded and concatenated
    with the attributes at a quarter of the image size. With H × H the image size, features at resolution r have
    ``width · H / 2r`` channels in the encoder and ``width · H / r`` in the decoder.

    Args:
        image_size: H, one of 32, 64, 128, 256.
        class_count: n_s.
        attribute_count: n_c.
        latent_size: n_z.
        width: 64 in the paper.
        latent_channels: channels of the latent's 8×8 features; 0 for ``width``.
        join_size: height of the features that the attributes are concatenated with; 0 for a quarter of H.
        modulated: latent and attributes scale and shift the norms of all blocks too.

    Raises:
        UserError: no features have the size ``join_size``.
    """

    def __init__(
        self,
        image_size: int,
        class_count: int,
        attribute_count: int,
        latent_size: int,
        width: int,
        *,
        latent_channels: int = 0,
        join_size: int = 0,
        modulated: bool = False,
    ) -> None:
        super().__init__()
        widths = [width * 2**level for level in range((image_size // BOTTLENECK).bit_length() - 1)]
        inputs = [class_count, *widths]
        self.segmentation_encoder = nn.Sequential(*(down(i, o) for i, o in zip(inputs, widths, strict=False)))
        latent_channels = latent_channels or width
        self.latent_expander = _expander(latent_size, latent_channels, BOTTLENECK)
        channels = widths[-1] + latent_channels
        join_size = _require_join_size(join_size or image_size // 4, BOTTLENECK, image_size)
        self.attributes_at = (join_size // BOTTLENECK).bit_length() - 1
        self.style = StyleMapping(latent_size, attribute_count) if modulated else None
        style_size = latent_size if modulated else 0
        blocks: list[nn.Module] = []
        for out_channels in reversed(widths):
            if len(blocks) == self.attributes_at:
                channels += attribute_count
            blocks.append(ResidualUpBlock(channels, out_channels, style_size))
            channels = out_channels
        self.blocks = nn.ModuleList(blocks)
        self.to_image = ToImage(width)
        initialize(self)

    def forward(self, segmentation: Tensor, latent: Tensor, attributes: Tensor) -> Tensor:
        """Generate images.

        Args:
            segmentation: one-hot float (N, n_s, H, H).
            latent: float (N, n_z), standard normal.
            attributes: float (N, n_c) in [0, 1].

        Returns:
            Float (N, 3, H, H) in [-1, 1].
        """
        style = _style(self.style, latent, attributes)
        features = torch.cat([self.segmentation_encoder(segmentation), self.latent_expander(latent)], 1)
        for index, block in enumerate(self.blocks):
            if index == self.attributes_at:
                features = torch.cat([features, _expand(attributes, features)], 1)
            features = block(features, style)
        return self.to_image(features)


class ReversedGenerator(nn.Module):
    """G with the reversed order of section 5.9 and Figure 9: latent first, segmentation and attributes late.

    The latent grows from 8×8 through the same blocks. Segmentation and attributes are concatenated where
    ``StepByStepGenerator`` takes the attributes, at a quarter of the image size, but after at least one block (at 32×32
    both orders would otherwise be the same). The paper gives no widths: they are those of the step-by-step generator,
    which has a deeper encoder (12.7 million parameters, against 7.6 here, in the paper's setting).

    Args:
        image_size: H, one of 32, 64, 128, 256.
        class_count: n_s.
        attribute_count: n_c.
        latent_size: n_z.
        width: 64 in the paper.
        latent_channels: channels of the latent's 8×8 features; 0 for ``width``.
        join_size: height of the features that segmentation and attributes are concatenated with; 0 for a quarter of H,
            at least 16.
        modulated: latent and attributes scale and shift the norms of all blocks too.

    Raises:
        UserError: no features have the size ``join_size``.
    """

    def __init__(
        self,
        image_size: int,
        class_count: int,
        attribute_count: int,
        latent_size: int,
        width: int,
        *,
        latent_channels: int = 0,
        join_size: int = 0,
        modulated: bool = False,
    ) -> None:
        super().__init__()
        self.join_size = _require_join_size(
            join_size or max(image_size // 4, 2 * BOTTLENECK), 2 * BOTTLENECK, image_size
        )
        halvings = (image_size // self.join_size).bit_length() - 1
        encoder_widths = [width * 2**level for level in range(halvings)]
        self.segmentation_encoder = nn.Sequential(
            *(down(i, o) for i, o in zip([class_count, *encoder_widths], encoder_widths, strict=False))
        )
        widths = [width * 2**level for level in range((image_size // BOTTLENECK).bit_length() - 1)]
        latent_channels = latent_channels or width
        self.latent_expander = _expander(latent_size, latent_channels, BOTTLENECK)
        self.style = StyleMapping(latent_size, attribute_count) if modulated else None
        style_size = latent_size if modulated else 0
        blocks: list[nn.Module] = []
        channels, size = latent_channels, BOTTLENECK
        for out_channels in reversed(widths):
            if size == self.join_size:
                channels += encoder_widths[-1] + attribute_count
            blocks.append(ResidualUpBlock(channels, out_channels, style_size))
            channels, size = out_channels, 2 * size
        self.blocks = nn.ModuleList(blocks)
        self.to_image = ToImage(width)
        initialize(self)

    def forward(self, segmentation: Tensor, latent: Tensor, attributes: Tensor) -> Tensor:
        """Generate images; inputs and output as in ``StepByStepGenerator``."""
        style = _style(self.style, latent, attributes)
        features = self.latent_expander(latent)
        for block in self.blocks:
            if features.shape[2] == self.join_size:
                encoded = self.segmentation_encoder(segmentation)
                features = torch.cat([features, encoded, _expand(attributes, features)], 1)
            features = block(features, style)
        return self.to_image(features)


class LatentGenerator(nn.Module):
    """Generator from the latent, concatenated with the attributes (Odena et al. 2017), without a segmentation.

    WGAN-GP does not depend on an architecture (Gulrajani et al. 2017, section 5.1): with the blocks of SCGAN, all
    differences between the two come from the method.

    Args:
        image_size: H, one of 32, 64, 128, 256.
        attribute_count: n_c; 0 for an unconditional generator.
        latent_size: n_z.
        width: channels of the last block, doubled at each halving, at most 8 times as many.
    """

    def __init__(self, image_size: int, attribute_count: int, latent_size: int, width: int) -> None:
        super().__init__()
        self.attribute_count = attribute_count
        smallest = BOTTLENECK // 2
        widths = [width * min(2**level, 8) for level in reversed(range((image_size // smallest).bit_length() - 1))]
        self.latent_expander = _expander(latent_size + attribute_count, widths[0], smallest)
        self.blocks = nn.Sequential(
            *(ResidualUpBlock(i, o) for i, o in zip([widths[0], *widths], widths, strict=False))
        )
        self.to_image = ToImage(width)
        initialize(self)

    def forward(self, segmentation: Tensor, latent: Tensor, attributes: Tensor) -> Tensor:
        """Latent (N, n_z), attributes (N, n_c) → image (N, 3, H, H) in [-1, 1]; the segmentation is not used."""
        condition = attributes[:, : self.attribute_count].to(latent.dtype)
        features = self.blocks(self.latent_expander(torch.cat([latent, condition], 1)))
        return self.to_image(features)


GENERATORS = {"step-by-step": StepByStepGenerator, "reversed": ReversedGenerator}


def _require_join_size(join_size: int, minimum: int, image_size: int) -> int:
    """Check the size at which inputs are concatenated: at least ``minimum``, and the input of a block."""
    if not minimum <= join_size < image_size or join_size & (join_size - 1):
        raise UserError(
            f"--generator.join_size {join_size}: with images of {image_size} × {image_size} pixels and this "
            f"--generator.order it is a power of two between {minimum} and {image_size // 2}."
        )
    return join_size


def _expander(inputs: int, channels: int, size: int) -> nn.Sequential:
    """Build FC, IN, ReLU: (N, inputs) → (N, channels, size, size)."""
    return nn.Sequential(
        nn.Linear(inputs, channels * size**2, bias=False),
        nn.Unflatten(1, (channels, size, size)),
        norm(channels),
        nn.ReLU(inplace=True),
    )


def _style(mapping: StyleMapping | None, latent: Tensor, attributes: Tensor) -> Tensor | None:
    """Compute the style (N, n_z) from latent (N, n_z) and attributes (N, n_c), None without a mapping."""
    if mapping is None:
        return None
    style: Tensor = mapping(torch.cat([latent, attributes.to(latent.dtype)], 1))
    return style


def _expand(attributes: Tensor, features: Tensor) -> Tensor:
    """Repeat attributes over space: (N, n_c) → (N, n_c, h, w) for ``features`` (N, C, h, w)."""
    return attributes[:, :, None, None].expand(-1, -1, *features.shape[2:]).to(features.dtype)
