"""Encoder: from an image and its mask to the latent and the attributes that a generator makes it with."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scgan.networks.classifier import AttributeClassifier
from scgan.networks.latent_encoder import normalized


class Encoder(nn.Module):
    """Convolutional encoder for one generator.

    Args:
        image_size: H, a power of 2 from 8.
        class_count: n_s.
        latent_size: n_z.
        attribute_count: n_c.
        width: channels of the first layer.
    """

    def __init__(
        self, image_size: int, class_count: int, latent_size: int, attribute_count: int, *, width: int
    ) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.layers = AttributeClassifier(image_size, latent_size + attribute_count, width, 3 + class_count)

    def forward(self, image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Estimate latents and attributes.

        The mean square of a latent's numbers is 1, as in normal distributions: an uncertain estimate would be near 0,
        where the generator has seen no latent.

        Args:
            image: float (N, 3, H, H) in [-1, 1].
            mask: float (N, n_s, H, H), one-hot.

        Returns:
            Latents (N, n_z), and logits of the attributes (N, n_c).
        """
        values = self.layers(torch.cat([image, mask], dim=1))
        latent, logits = values[:, : self.latent_size], values[:, self.latent_size :]
        return normalized(latent), logits
