"""Layers of Table 2 and the two residual blocks of Figure 3."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import handle_torch_function, has_torch_function_unary

LEAK = 0.2  # section 5.2


class UpsampleConv2d(nn.Module):
    """Nearest upsampling ×2, then a 3×3 convolution without bias, computed as one transposed convolution.

    Every output pixel depends on only 2×2 inputs, so the 3×3 kernel folds into a 4×4 kernel of stride 2: the same
    result with 2.25 times fewer multiplications and without the upsampled copy.
    """

    fold: Tensor

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, 3, 3))
        # Taps that read the same input pixel add up. A matrix adds them several times faster than shifted copies do.
        # It turns the kernel as well: a transposed convolution reads it from the other end.
        line = torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
        self.register_buffer("fold", torch.kron(line, line).T.contiguous(), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """(N, in, H, W) → (N, out, 2H, 2W)."""
        return F.conv_transpose2d(features, self.folded_kernel(), stride=2, padding=1)

    def folded_kernel(self) -> Tensor:
        """Compute the kernel of the transposed convolution, (in, out, 4, 4)."""
        return (self.weight.flatten(2) @ self.fold).unflatten(2, (4, 4)).transpose(0, 1)


class FoldedUpsampleConv2d(nn.Module):
    """``UpsampleConv2d`` with a constant kernel: for inference, where it is folded once in place of at every call."""

    kernel: Tensor

    def __init__(self, layer: UpsampleConv2d) -> None:
        super().__init__()
        self.register_buffer("kernel", layer.folded_kernel().detach().contiguous())

    def forward(self, features: Tensor) -> Tensor:
        """(N, in, H, W) → (N, out, 2H, 2W)."""
        return F.conv_transpose2d(features, self.kernel, stride=2, padding=1)


def fold_upsampling(network: nn.Module) -> nn.Module:
    """Copy a network for inference: each ``UpsampleConv2d`` becomes a ``FoldedUpsampleConv2d``.

    Returns:
        a network in evaluation mode that computes the same and cannot be trained.
    """
    network = copy.deepcopy(network).requires_grad_(False).eval()
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, UpsampleConv2d):
                setattr(module, name, FoldedUpsampleConv2d(child))
    return network


class MatmulConv2d(nn.Conv2d):
    """A 4×4 convolution of stride 2 that is computed on a CPU as a product with the input's patches.

    Meant for wide kernels on small maps, in which the library's convolution spends its time moving the kernel: from
    8×8 pixels and 256 channels down it is two to five times as fast, gradients included.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, 4, 2, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(N, in, H, W) → (N, out, H / 2, W / 2)."""
        if not features.is_cpu:
            return super().forward(features)
        height, width = features.shape[2] // 2, features.shape[3] // 2
        patches = F.unfold(features, 4, padding=1, stride=2).transpose(1, 2)
        # One product for the whole batch: a batch of products would read the kernel once for each image.
        products = F.linear(patches.flatten(0, 1), self.weight.flatten(1), self.bias)
        return products.view(len(features), height, width, -1).permute(0, 3, 1, 2)


def norm(channels: int) -> nn.Module:
    """Build instance normalization with learned scale and shift.

    As group normalization with one channel a group: PyTorch's kernel for it is three times as fast on a CPU.
    """
    return nn.GroupNorm(channels, channels)


def add_upsampled(features: Tensor, half_size: Tensor) -> Tensor:
    """Add ``half_size``, enlarged ×2 by nearest neighbor: (N, C, 2H, 2W), (N, C, H, W) → (N, C, 2H, 2W).

    Rows are enlarged by broadcasting, which takes less than half the time of upsampling before the addition.
    """
    if has_torch_function_unary(features):  # an export to ONNX has an operator for it
        return handle_torch_function(add_upsampled, (features,), features, half_size)
    count, channels, height, width = half_size.shape
    rows = torch.stack((half_size, half_size), 4).view(count, channels, height, 1, 2 * width)
    return (features.view(count, channels, height, 2, 2 * width) + rows).view_as(features)


def down(in_channels: int, out_channels: int) -> nn.Sequential:
    """Build CONV-(K4, S2, P1), IN, ReLU. No bias: the norm would remove it."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 4, 2, 1, bias=False), norm(out_channels), nn.ReLU(inplace=True)
    )


def up(in_channels: int, out_channels: int) -> nn.Sequential:
    """Build DECONV-(K4, S2, P1), IN, ReLU."""
    return nn.Sequential(
        nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=False), norm(out_channels), nn.ReLU(inplace=True)
    )


class ResidualBlock(nn.Module):
    """RESBLK: conv3, IN, ReLU, conv3, IN, plus the input, ReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            norm(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            norm(channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C, H, W)."""
        return F.relu(features + self.main(features))


class Modulation(nn.Linear):
    """Adaptive instance norm without the norm: a style scales and shifts each channel (Karras et al. 2019, section 2).

    Its initial weights are 0, with which it changes nothing.

    Args:
        style_size: length of a style.
        channels: of the features, which are normalized already.
    """

    def __init__(self, style_size: int, channels: int) -> None:
        super().__init__(style_size, 2 * channels)

    def modulate(self, features: Tensor, style: Tensor) -> Tensor:
        """(N, C, H, W), style (N, style_size) → (N, C, H, W)."""
        scale, shift = self(style)[:, :, None, None].chunk(2, 1)
        return features * (1 + scale) + shift


class ResidualUpBlock(nn.Module):
    """RESBLKUP: conv3, IN, ReLU, upsampling, conv3, IN, plus a 1×1 shortcut, ReLU.

    The shortcut has no norm: an input that is constant over space (an expanded attribute) reaches the output only
    through it. It convolves before it upsamples, which gives the same result at a quarter of the cost.

    Args:
        in_channels, out_channels: of the features.
        style_size: length of the style that modulates both norms; 0 for none, as in the paper.
    """

    def __init__(self, in_channels: int, out_channels: int, style_size: int = 0) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, 1, 1, bias=False),
            norm(out_channels),
            nn.ReLU(inplace=True),
            UpsampleConv2d(out_channels, out_channels),
            norm(out_channels),
        )
        self.shortcut = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.first_modulation = Modulation(style_size, out_channels) if style_size else None
        self.second_modulation = Modulation(style_size, out_channels) if style_size else None

    def forward(self, features: Tensor, style: Tensor | None = None) -> Tensor:
        """(N, in, H, W), style (N, style_size) if there is one → (N, out, 2H, 2W)."""
        main = self.main(features) if style is None else self._modulated(features, style)
        return F.relu(add_upsampled(main, self.shortcut(features)))

    def _modulated(self, features: Tensor, style: Tensor) -> Tensor:
        """Compute the main path with its norms modulated."""
        assert self.first_modulation and self.second_modulation
        convolution, first_norm, activation, upsampling, second_norm = self.main
        features = activation(self.first_modulation.modulate(first_norm(convolution(features)), style))
        return self.second_modulation.modulate(second_norm(upsampling(features)), style)


class StyleMapping(nn.Sequential):
    """Two layers from a latent and attributes to a style, as long as the latent.

    Args:
        latent_size: n_z.
        attribute_count: n_c.
    """

    def __init__(self, latent_size: int, attribute_count: int) -> None:
        super().__init__(
            nn.Linear(latent_size + attribute_count, latent_size),
            nn.LeakyReLU(LEAK),
            nn.Linear(latent_size, latent_size),
            nn.LeakyReLU(LEAK),
        )


class ToImage(nn.Conv2d):
    """CONV-(N3, K3, S1, P1), tanh: features to an image in [-1, 1]."""

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels, 3, 3, 1, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(N, in, H, W) → (N, 3, H, W)."""
        # Full precision under mixed precision too: images of neighboring latents differ by little.
        return torch.tanh(super().forward(features).to(self.weight.dtype))


def initialize(network: nn.Module) -> None:
    """Draw weights as He et al. 2015 (their fan-in keeps the variance through ReLU); biases 0, norms the identity."""
    for module in network.modules():
        if isinstance(module, ToImage):
            # Small, so that the first images are gray: a saturated tanh hardly learns.
            nn.init.normal_(module.weight, std=0.02)
        elif isinstance(module, Modulation):
            nn.init.zeros_(module.weight)
        elif isinstance(module, (nn.Conv2d, nn.Linear, UpsampleConv2d)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, nn.ConvTranspose2d):
            # At stride 2 each output pixel receives a quarter of the kernel's taps.
            fan_in = module.in_channels * module.kernel_size[0] * module.kernel_size[1] / 4
            nn.init.normal_(module.weight, std=(2 / fan_in) ** 0.5)
        elif isinstance(module, nn.GroupNorm):
            nn.init.ones_(module.weight)
        bias = getattr(module, "bias", None)
        if isinstance(bias, Tensor):
            nn.init.zeros_(bias)


def initialize_small(network: nn.Module) -> None:
    """Draw weights from N(0, 0.02²) as Pix2Pix and CycleGAN do; biases 0, norms the identity."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
