"""Loss functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from scgan.schema import IGNORED

Critic = Callable[[Tensor], Tensor]
"""Discriminator as a function of images alone: (N, 3, H, W) → realness (N,)."""


def wasserstein_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Mean of D(fake) − D(real) (Algorithm 1, line 11): realness (N,), (N,) → scalar."""
    return fake.mean() - real.mean()


def wasserstein_generator_loss(fake: Tensor) -> Tensor:
    """Mean of −D(fake) (Algorithm 1, line 27): realness (N,) → scalar."""
    return -fake.mean()


def gradient_penalty(critic: Critic, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
    """Mean of (‖∇D(x̂)‖₂ − 1)² at x̂ = ε x + (1 − ε) x̃ (equation 7).

    Args:
        critic: computes the realness of images.
        real, fake: images (N, 3, H, W).
        epsilon: (N,) in [0, 1], one for each pair.
    """
    weight = epsilon[:, None, None, None]
    interpolated = (weight * real.detach() + (1 - weight) * fake.detach()).requires_grad_()
    return ((_squared_gradient_norm(critic, interpolated) + 1e-12).sqrt() - 1).square().mean()


def logistic_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Mean of softplus(−D(real)) + softplus(D(fake)) (Goodfellow et al. 2014): realness (N, …), (N, …) → scalar.

    Binary cross-entropy of logits, with 1 for real and 0 for fake.
    """
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def logistic_generator_loss(fake: Tensor) -> Tensor:
    """Mean of softplus(−D(fake)), the non-saturating form: realness (N, …) → scalar."""
    return F.softplus(-fake).mean()


def r1_penalty(critic: Critic, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
    """Mean of ‖∇D(x)‖² at real images (Mescheder et al. 2018); ``fake`` and ``epsilon`` are not used."""
    return _squared_gradient_norm(critic, real.detach().requires_grad_()).mean()


def _squared_gradient_norm(critic: Critic, images: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(critic(images).sum(), images, create_graph=True)
    return gradient.square().sum((1, 2, 3))


def least_squares_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Mean of (D(real) − 1)² + D(fake)² (Mao et al. 2017): realness (N, …), (N, …) → scalar."""
    return (real - 1).square().mean() + fake.square().mean()


def least_squares_generator_loss(fake: Tensor) -> Tensor:
    """Mean of (D(fake) − 1)²: realness (N, …) → scalar."""
    return (fake - 1).square().mean()


def hinge_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Mean of max(0, 1 − D(real)) + max(0, 1 + D(fake)) (Lim & Ye 2017): realness (N, …), (N, …) → scalar."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_generator_loss(fake: Tensor) -> Tensor:
    """Mean of −D(fake): realness (N, …) → scalar."""
    return -fake.mean()


def relativistic_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Mean of softplus(D(fake) − D(real)) over pairs (Huang et al. 2024, equation 2): (N, …), (N, …) → scalar."""
    return F.softplus(fake - real).mean()


def relativistic_generator_loss(fake: Tensor, real: Tensor) -> Tensor:
    """Mean of softplus(D(real) − D(fake)) over pairs: realness (N, …), (N, …) → scalar."""
    return F.softplus(real - fake).mean()


def r1_r2_penalty(critic: Critic, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
    """Mean of ‖∇D(x)‖² at real images, plus that at fakes (Huang et al. 2024, R₁ and R₂); ``epsilon`` is not used."""
    images = torch.cat([real, fake]).detach().requires_grad_()
    return torch.stack([norms.mean() for norms in _squared_gradient_norm(critic, images).chunk(2)]).sum()


class AdversarialLoss(NamedTuple):
    """Losses of discriminator and generator with the penalty on the discriminator's gradient.

    Attributes:
        discriminator: from the realness of real images and of fakes.
        generator: from the realness of fakes, and that of real images if ``paired``.
        penalty: from the critic, real images, fakes and ε in [0, 1] for each pair.
        paired: the generator's loss compares fakes with real images.
    """

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[..., Tensor]
    penalty: Callable[[Critic, Tensor, Tensor, Tensor], Tensor]
    paired: bool = False


ADVERSARIAL_LOSSES = {
    "wasserstein": AdversarialLoss(wasserstein_discriminator_loss, wasserstein_generator_loss, gradient_penalty),
    "logistic": AdversarialLoss(logistic_discriminator_loss, logistic_generator_loss, r1_penalty),
    "hinge": AdversarialLoss(hinge_discriminator_loss, hinge_generator_loss, r1_penalty),
    "relativistic": AdversarialLoss(
        relativistic_discriminator_loss, relativistic_generator_loss, r1_r2_penalty, paired=True
    ),
}
"""Values of the setting ``loss.adversarial``."""


def classification_loss(logits: Tensor, attributes: Tensor) -> Tensor:
    """Binary cross-entropy, summed over attributes, averaged over the batch (equations 11, 12).

    Args:
        logits: (N, n_c).
        attributes: (N, n_c) in [0, 1].
    """
    return F.binary_cross_entropy_with_logits(logits, attributes, reduction="none").sum(1).mean()


def segmentation_loss(logits: Tensor, target: Tensor, class_balance: float = 0.0) -> Tensor:
    """Cross-entropy, averaged over pixels and batch (equations 8–10; the mean in place of the sum, see docs/paper.md).

    Args:
        logits: (N, n_s, H, W).
        target: int64 (N, H, W), class indices; pixels with ``IGNORED`` are left out.
        class_balance: 0 weights all pixels equally, as the paper does; 1 weights all classes of an image equally.
            Between them, the weight of a pixel is (1 / share of its class in its image) to this power. All images have
            equal weights, so that the loss of a batch is the mean of the losses of its parts; an image with nothing but
            ignored pixels counts as 0.
    """
    logits = logits.float() if logits.dtype.itemsize < 4 else logits  # 16-bit floats cannot count pixels
    weights = (target != IGNORED).flatten(1).to(logits.dtype)
    if class_balance:
        classes = target.masked_fill(target == IGNORED, 0).flatten(1)
        counts = logits.new_zeros(logits.shape[:2]).scatter_add_(1, classes, weights)
        weights = weights * counts.clamp(min=1).pow(-class_balance).gather(1, classes)
    weights = weights / weights.sum(1, keepdim=True).clamp(min=1e-12)
    return (weights * F.cross_entropy(logits, target, reduction="none", ignore_index=IGNORED).flatten(1)).sum(1).mean()


def feature_matching_loss(features: Sequence[Tensor], targets: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of each pair of features, summed over pairs (Wang et al. 2018, equation 4).

    Args:
        features, targets: equal numbers of tensors, each pair of equal shape.
    """
    differences = [(a - b).abs().mean() for a, b in zip(features, targets, strict=True)]
    return torch.stack(differences).sum()


def reconstruction_loss(
    image: Tensor, target: Tensor, features: Sequence[Tensor] = (), target_features: Sequence[Tensor] = ()
) -> Tensor:
    """Distance of images to photos: mean absolute difference of pixels and of 4×4 patches, and distances of features.

    The features have length 1 over channels; their squared distances are averaged over space and summed over scales
    (Zhang et al. 2018, equation 1, without learned weights).

    Args:
        image, target: (N, 3, H, W) in [-1, 1].
        features, target_features: of both, scales (N, C, h, w).
    """
    difference = image - target
    terms = [difference.abs().mean(), F.avg_pool2d(difference, 4).abs().mean()]
    for one, other in zip(features, target_features, strict=True):
        terms.append((F.normalize(one, dim=1) - F.normalize(other, dim=1)).square().sum(1).mean())
    return torch.stack([term.float() if term.dtype.itemsize < 4 else term for term in terms]).sum()


def mode_seeking_loss(images: Tensor, other_images: Tensor, latent: Tensor, other_latent: Tensor) -> Tensor:
    """Mean of |z₁ − z₂| / (|y₁ − y₂| + 0.05) over pairs that differ only in z (Mao et al. 2019).

    The images are compared as 8×8 patches: the latent should decide light, colors and background, and differences
    between single pixels would reward high-frequency artifacts.

    Args:
        images, other_images: (N, 3, H, W), generated from ``latent`` and ``other_latent``.
        latent, other_latent: (N, n_z).
    """
    image_distance = F.adaptive_avg_pool2d(images - other_images, 8).abs().mean((1, 2, 3))
    latent_distance = (latent - other_latent).abs().mean(1)
    return (latent_distance / (image_distance + 0.05)).mean()
