"""The terms that are descended, as pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """softplus(−D(real)) + softplus(D(fake)), averaged (Goodfellow et al. 2014): realness (N, …), (N, …) → scalar.

    Binary cross-entropy of logits, with 1 for real and 0 for fake.
    """
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def logistic_generator(fake: Tensor) -> Tensor:
    """softplus(−D(fake)), averaged, the non-saturating form: realness (N, …) → scalar."""
    return F.softplus(-fake).mean()


def r1_penalty(critic: Critic, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
    """‖∇D(x)‖² on real images, averaged (Mescheder et al. 2018); fakes and ε have no part in it."""
    return _squared_gradient_norm(critic, real.detach().requires_grad_()).mean()


def _squared_gradient_norm(critic: Critic, images: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(critic(images).sum(), images, create_graph=True)
    return gradient.square().sum((1, 2, 3))


def least_squares_critic(real: Tensor, fake: Tensor) -> Tensor:
    """(D(real) − 1)² + D(fake)², averaged (Mao et al. 2017): realness (N, …), (N, …) → scalar."""
    return (real - 1).square().mean() + fake.square().mean()


def least_squares_generator(fake: Tensor) -> Tensor:
    """(D(fake) − 1)², averaged: realness (N, …) → scalar."""
    return (fake - 1).square().mean()


def hinge_critic(real: Tensor, fake: Tensor) -> Tensor:
    """max(0, 1 − D(real)) + max(0, 1 + D(fake)), averaged (Lim & Ye 2017): realness (N, …), (N, …) → scalar."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


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


def segmentation(logits: Tensor, target: Tensor, balance: float = 0.0) -> Tensor:
    """Cross-entropy, averaged over pixels and batch (equations 8–10; the mean in place of the sum, see docs/paper.md).

    Args:
        logits: (N, n_s, H, W).
        target: int64 (N, H, W), class indices.
        balance: 0 weighs all pixels alike, as the paper does; 1 all classes of an image, however small; between, a
            pixel weighs (1 / the share of its class in its image) to this power. Images weigh alike: the loss of a
            batch stays the mean of its parts.
    """
    if not balance:
        return F.cross_entropy(logits, target)
    logits = logits.float() if logits.dtype.itemsize < 4 else logits  # short numbers cannot count pixels
    classes = target.flatten(1)
    counts = logits.new_zeros(logits.shape[:2]).scatter_add_(1, classes, torch.ones_like(classes, dtype=logits.dtype))
    weights = counts.clamp(min=1).pow(-balance).gather(1, classes)
    weights = weights / weights.sum(1, keepdim=True)
    return (weights * F.cross_entropy(logits, target, reduction="none").flatten(1)).sum(1).mean()


def feature_distance(features: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of each pair of features, summed over pairs (Wang et al. 2018, equation 4).

    Args:
        features, wanted: as many tensors in both, in pairs of equal shape.
    """
    differences = [(a - b).abs().mean() for a, b in zip(features, wanted, strict=True)]
    return torch.stack(differences).sum()


def mode_seeking(images: Tensor, others: Tensor, latent: Tensor, other_latent: Tensor) -> Tensor:
    """mean |z₁ − z₂| / (mean |y₁ − y₂| + 0.05), averaged over pairs that differ in nothing but z (Mao et al. 2019).

    The images are compared as 8×8 patches: the latent is to decide light, colours and background, and differences
    between pixels would reward glitter.

    Args:
        images, others: (N, 3, H, W), made from ``latent`` and ``other_latent``.
        latent, other_latent: (N, n_z).
    """
    image_distance = F.adaptive_avg_pool2d(images - others, 8).abs().mean((1, 2, 3))
    latent_distance = (latent - other_latent).abs().mean(1)
    return (latent_distance / (image_distance + 0.05)).mean()
