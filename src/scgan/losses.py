"""The terms that are descended, as pure functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

Critic = Callable[[Tensor], Tensor]  # images (N, 3, H, W) → realness (N,)


def wasserstein_critic(real: Tensor, fake: Tensor) -> Tensor:
    """D(fake) − D(real), averaged (Algorithm 1, line 11): realness (N,), (N,) → scalar."""
    return fake.mean() - real.mean()


def wasserstein_generator(fake: Tensor) -> Tensor:
    """−D(fake), averaged (Algorithm 1, line 27): realness (N,) → scalar."""
    return -fake.mean()


def gradient_penalty(critic: Critic, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
    """(‖∇D(x̂)‖₂ − 1)² at x̂ = ε x + (1 − ε) x̃, averaged (equation 7).

    Args:
        critic: gives the realness of images.
        real, fake: images (N, 3, H, W).
        epsilon: (N,) in [0, 1], one for each pair.
    """
    weight = epsilon[:, None, None, None]
    between = (weight * real.detach() + (1 - weight) * fake.detach()).requires_grad_()
    return ((_squared_gradient_norm(critic, between) + 1e-12).sqrt() - 1).square().mean()


def logistic_critic(real: Tensor, fake: Tensor) -> Tensor:
    """softplus(−D(real)) + softplus(D(fake)), averaged (Goodfellow et al. 2014): realness (N,), (N,) → scalar."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def logistic_generator(fake: Tensor) -> Tensor:
    """softplus(−D(fake)), averaged, the non-saturating form: realness (N,) → scalar."""
    return F.softplus(-fake).mean()


def r1_penalty(critic: Critic, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
    """‖∇D(x)‖² on real images, averaged (Mescheder et al. 2018); fakes and ε have no part in it."""
    return _squared_gradient_norm(critic, real.detach().requires_grad_()).mean()


def _squared_gradient_norm(critic: Critic, images: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(critic(images).sum(), images, create_graph=True)
    return gradient.square().sum((1, 2, 3))


class AdversarialLoss(NamedTuple):
    """The three functions that belong together."""

    critic: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]
    penalty: Callable[[Critic, Tensor, Tensor, Tensor], Tensor]


ADVERSARIAL = {
    "wasserstein": AdversarialLoss(wasserstein_critic, wasserstein_generator, gradient_penalty),
    "logistic": AdversarialLoss(logistic_critic, logistic_generator, r1_penalty),
}


def classification(logits: Tensor, attributes: Tensor) -> Tensor:
    """Binary cross-entropy, summed over attributes, averaged over the batch (equations 11, 12).

    Args:
        logits: (N, n_c).
        attributes: (N, n_c) in [0, 1].
    """
    return F.binary_cross_entropy_with_logits(logits, attributes, reduction="none").sum(1).mean()


def segmentation(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy, averaged over pixels and batch (equations 8–10; the mean in place of the sum, see docs/paper.md).

    Args:
        logits: (N, n_s, H, W).
        target: int64 (N, H, W), class indices.
    """
    return F.cross_entropy(logits, target)


def mode_seeking(images: Tensor, others: Tensor, latent: Tensor, other_latent: Tensor) -> Tensor:
    """mean |z₁ − z₂| / (mean |y₁ − y₂| + 0.05), averaged over pairs that differ in nothing but z (Mao et al. 2019).

    Args:
        images, others: (N, 3, H, W), made from ``latent`` and ``other_latent``.
        latent, other_latent: (N, n_z).
    """
    image_distance = (images - others).abs().mean((1, 2, 3))
    latent_distance = (latent - other_latent).abs().mean(1)
    return (latent_distance / (image_distance + 0.05)).mean()
