"""Convolutional classifier for graders of attributes; with batch norm, unlike the discriminator's head."""

from __future__ import annotations

from torch import Tensor, nn

from scgan.networks.layers import initialize


class AttributeClassifier(nn.Module):
    """Classifier of attributes: convolutions with pooling down to 4×4, their mean over space, one linear layer.

    Args:
        image_size: H, a power of 2 from 8.
        attribute_count: n_c.
        width: channels of the first layer, doubled at each pooling, at most 8 times as many.
        channels: of its input.
    """

    def __init__(self, image_size: int, attribute_count: int, width: int, channels: int = 3) -> None:
        super().__init__()
        widths = [width * min(2**level, 8) for level in range((image_size // 4).bit_length())]
        layers: list[nn.Module] = []
        for level, (inputs, outputs) in enumerate(zip([channels, *widths], widths, strict=False)):
            layers += [nn.MaxPool2d(2)] if level else []
            layers += [nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.to_attributes = nn.Linear(widths[-1], attribute_count)
        initialize(self)

    def forward(self, image: Tensor) -> Tensor:
        """Float (N, channels, H, H), images in [-1, 1] → logits (N, n_c)."""
        return self.to_attributes(self.layers(image)).to(image.dtype)
