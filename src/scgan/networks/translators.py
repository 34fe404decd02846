"""Image-to-image networks: U-Net of Pix2Pix, ResNet of CycleGAN, PatchGAN of both.

Both papers train with single images, for which batch norm is instance norm. Here it is always instance norm, so that no
image depends on the others of its batch.
"""

from __future__ import annotations

import hashlib

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scgan.networks.layers import LEAK, initialize_small, norm

_DROPOUT_LAYERS = 3


class UNetTranslator(nn.Module):
    """Pix2Pix's generator (Isola et al. 2017, section 6.1.1).

    Encoder C64-C128-C256-C512-… down to 1×1, decoder CD512-CD512-CD512-C512-…-C64 with skip connections, dropout of one
    half in the decoder's first three layers, in training and in inference: it is the only source of randomness in the
    paper. Here the latent decides which values are dropped, so that a latent always gives the same image.

    Args:
        image_size: H, a power of 2.
        in_channels, out_channels: of the two images.
        width: 64 in the paper.
    """

    def __init__(self, image_size: int, in_channels: int, out_channels: int, width: int) -> None:
        super().__init__()
        widths = [width * min(2**level, 8) for level in range(image_size.bit_length() - 1)]
        innermost = len(widths) - 1
        self.encoder = nn.ModuleList(
            # The first has no norm in the paper; the last has one value for each channel, which a norm would erase.
            _layer(nn.Conv2d, inputs, outputs, normed=0 < level < innermost)
            for level, (inputs, outputs) in enumerate(zip([in_channels, *widths], widths, strict=False))
        )
        skip_widths = [0, *widths[-2::-1]]  # channels of the skip connections
        input_widths = [widths[-1], *widths[-2::-1]]
        outputs_up = [*widths[-2::-1], out_channels]
        self.decoder = nn.ModuleList(
            _layer(nn.ConvTranspose2d, inputs + skipped, outputs, normed=level < innermost)
            for level, (inputs, skipped, outputs) in enumerate(zip(input_widths, skip_widths, outputs_up, strict=True))
        )
        initialize_small(self)

    def forward(self, segmentation: Tensor, latent: Tensor, attributes: Tensor) -> Tensor:
        """(N, in_channels, H, H), latent (N, n_z) → (N, out_channels, H, H) in [-1, 1]; attributes are not used."""
        features = segmentation
        scales = []
        for level, layer in enumerate(self.encoder):
            features = layer(F.leaky_relu(features, LEAK) if level else features)
            scales.append(features)
        scales.pop()
        for level, layer in enumerate(self.decoder):
            features = layer(F.relu(features))
            if level < _DROPOUT_LAYERS:
                features = features * 2 * dropout_mask(latent, f"dropout {level}", features)
            if scales:
                features = torch.cat([features, scales.pop()], 1)
        return torch.tanh(features.to(latent.dtype))


def dropout_mask(latent: Tensor, name: str, like: Tensor) -> Tensor:
    """Draw zeros and ones (N, …) in the shape of ``like``; those of an item depend on its latent and ``name`` alone."""
    rows = latent.detach().to("cpu", torch.float32).numpy()
    mask = torch.empty(like.shape, dtype=torch.bool)
    for row, item in zip(rows, mask, strict=True):
        digest = hashlib.blake2b(name.encode() + row.tobytes(), digest_size=8).digest()
        item.bernoulli_(0.5, generator=torch.Generator().manual_seed(int.from_bytes(digest, "little") >> 1))
    return mask.to(like.device, like.dtype)


class ResNetTranslator(nn.Module):
    """CycleGAN's generator (Zhu et al. 2017, section 7.2): c7s1-64, d128, d256, R256 × ``blocks``, u128, u64, c7s1-3.

    Args:
        blocks: 6 up to 128×128, 9 above.
        width: 64 in the paper.
    """

    def __init__(self, blocks: int, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_reflected(3, width, 7),
            norm(width),
            nn.ReLU(inplace=True),
            *_resampling(nn.Conv2d(width, 2 * width, 3, 2, 1, bias=False)),
            *_resampling(nn.Conv2d(2 * width, 4 * width, 3, 2, 1, bias=False)),
            *(_ReflectedResidualBlock(4 * width) for _ in range(blocks)),
            *_resampling(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1, 1, bias=False)),
            *_resampling(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, 1, bias=False)),
            nn.ReflectionPad2d(3),
            nn.Conv2d(width, 3, 7),
        )
        initialize_small(self)

    def forward(self, image: Tensor) -> Tensor:
        """Translate images: (N, 3, H, W) in [-1, 1] → (N, 3, H, W) in [-1, 1]."""
        return torch.tanh(self.layers(image).to(image.dtype))


class PatchDiscriminator(nn.Module):
    """The 70×70 PatchGAN (Isola et al. 2017, section 6.1.2): C64-C128-C256-C512, then one channel.

    Args:
        in_channels: of the concatenated images that it sees.
        width: 64 in the paper.
    """

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(in_channels, width, 4, 2, 1), nn.LeakyReLU(LEAK, inplace=True)]
        for inputs, stride in ((width, 2), (2 * width, 2), (4 * width, 1)):
            layers += [nn.Conv2d(inputs, 2 * inputs, 4, stride, 1, bias=False), norm(2 * inputs)]
            layers.append(nn.LeakyReLU(LEAK, inplace=True))
        self.layers = nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))
        initialize_small(self)

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → realness of overlapping patches (N, 1, H/8 − 2, W/8 − 2), unbounded."""
        return self.layers(image).to(image.dtype)


class _ReflectedResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            *_reflected(channels, channels, 3),
            norm(channels),
            nn.ReLU(inplace=True),
            *_reflected(channels, channels, 3),
            norm(channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        return features + self.main(features)


def _reflected(in_channels: int, out_channels: int, kernel: int) -> list[nn.Module]:
    """Build a convolution that keeps the size, with reflection padding."""
    return [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(in_channels, out_channels, kernel, bias=False)]


def _resampling(convolution: nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
    return [convolution, norm(convolution.out_channels), nn.ReLU(inplace=True)]


def _layer(
    kind: type[nn.Conv2d] | type[nn.ConvTranspose2d], in_channels: int, out_channels: int, normed: bool
) -> nn.Sequential:
    """Build a layer that halves or doubles the size; with a bias where no norm would remove it."""
    convolution = kind(in_channels, out_channels, 4, 2, 1, bias=not normed)
    return nn.Sequential(convolution, *([norm(out_channels)] if normed else []))
