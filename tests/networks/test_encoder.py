"""Encoder: shapes, and the size of its latents."""

from __future__ import annotations

import torch

from scgan.networks.encoder import Encoder


def test_latents_have_mean_square_1() -> None:
    torch.manual_seed(0)
    encoder = Encoder(16, class_count=3, latent_size=8, attribute_count=2, width=4)
    latent, logits = encoder(torch.randn(5, 3, 16, 16), torch.rand(5, 3, 16, 16))
    assert latent.shape == (5, 8) and logits.shape == (5, 2)
    torch.testing.assert_close(latent.square().mean(1), torch.ones(5), atol=1e-3, rtol=0)
    assert (latent[0] - latent[1]).abs().max() > 1e-3


def test_a_model_without_attributes() -> None:
    latent, logits = Encoder(16, class_count=2, latent_size=4, attribute_count=0, width=4)(
        torch.zeros(2, 3, 16, 16), torch.zeros(2, 2, 16, 16)
    )
    assert latent.shape == (2, 4) and latent.isfinite().all() and logits.shape == (2, 0)
