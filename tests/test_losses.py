"""Loss functions, compared with values worked out by hand."""

from __future__ import annotations

from math import exp, log

import pytest
import torch
from torch import Tensor

from scgan import losses
from scgan.schema import IGNORED


def linear_critic(weight: Tensor) -> losses.Critic:
    """D(x) = w · x, whose gradient is w everywhere."""
    return lambda images: images.flatten(1) @ weight


def images(count: int = 3) -> Tensor:
    return torch.arange(count * 12, dtype=torch.float64).reshape(count, 3, 2, 2) / 7


def test_wasserstein() -> None:
    real, fake = torch.tensor([1.0, 2.0, 6.0]), torch.tensor([-1.0, 0.0, 7.0])
    assert losses.wasserstein_discriminator_loss(real, fake).item() == 2 - 3
    assert losses.wasserstein_generator_loss(fake).item() == -2


def test_logistic() -> None:
    real, fake = torch.tensor([0.0, log(3)]), torch.tensor([0.0, -log(3)])
    by_hand = (log(2) + log(1 + 1 / 3)) / 2  # softplus(0), softplus(−log 3)
    assert losses.logistic_discriminator_loss(real, fake).item() == pytest.approx(2 * by_hand)
    assert losses.logistic_generator_loss(real).item() == pytest.approx(by_hand)


@pytest.mark.parametrize(("size", "expected"), [(2.0, (2 - 1) ** 2), (0.5, 0.25), (1.0, 0.0), (5.0, 16.0)])
def test_gradient_penalty_of_a_linear_critic(size: float, expected: float) -> None:
    weight = torch.full((12,), size / 12**0.5, dtype=torch.float64)
    penalty = losses.gradient_penalty(linear_critic(weight), images(), -images(), torch.rand(3, dtype=torch.float64))
    assert penalty.item() == pytest.approx(expected, abs=1e-9)


def test_gradient_penalty_moves_the_critic() -> None:
    """d/dw (‖w‖ − 1)² = 2 (‖w‖ − 1) w / ‖w‖."""
    weight = torch.full((12,), 3 / 12**0.5, dtype=torch.float64, requires_grad=True)
    losses.gradient_penalty(linear_critic(weight), images(), -images(), torch.rand(3).double()).backward()
    torch.testing.assert_close(weight.grad, 4 * weight.detach() / 3)


def test_gradient_penalty_is_taken_between_the_pairs() -> None:
    """D(x) = ‖x‖²/2 has the gradient x: the penalty shows each x̂ at which it was taken."""
    real, fake = torch.zeros(3, 3, 1, 1), torch.zeros(3, 3, 1, 1)
    real[:, 0], fake[:, 0] = 4, 8
    epsilon = torch.tensor([1.0, 0.75, 0.0])  # ε x + (1 − ε) x̃: norms 4, 5, 8
    penalty = losses.gradient_penalty(lambda x: x.square().sum((1, 2, 3)) / 2, real, fake, epsilon)
    assert penalty.item() == pytest.approx((9 + 16 + 49) / 3)


def test_gradient_penalty_survives_a_flat_critic() -> None:
    """‖0‖ has no derivative; the small ε under the root gives it one."""
    weight = torch.zeros(12, dtype=torch.float64, requires_grad=True)
    penalty = losses.gradient_penalty(linear_critic(weight), images(), -images(), torch.rand(3).double())
    penalty.backward()
    assert penalty.item() == pytest.approx(1, abs=1e-5)
    assert weight.grad is not None and weight.grad.isfinite().all()


def test_gradient_penalty_does_not_reach_the_generator() -> None:
    fake = images().requires_grad_()
    weight = torch.ones(12, dtype=torch.float64, requires_grad=True)
    losses.gradient_penalty(linear_critic(weight), images(), fake, torch.rand(3).double()).backward()
    assert fake.grad is None and weight.grad is not None


def test_r1_is_the_squared_gradient_at_real_images() -> None:
    epsilon = torch.rand(3).double()
    weight = torch.arange(12, dtype=torch.float64)
    assert losses.r1_penalty(linear_critic(weight), images(), images(), epsilon).item() == (weight**2).sum()
    real = images()
    penalty = losses.r1_penalty(lambda x: x.square().sum((1, 2, 3)) / 2, real, torch.full_like(real, 99), epsilon)
    assert penalty.item() == pytest.approx(real.square().sum().item() / 3)


def test_least_squares() -> None:
    real, fake = torch.tensor([[2.0, 0.5]]), torch.tensor([[-3.0, 0.5]])
    assert losses.least_squares_discriminator_loss(real, fake).item() == pytest.approx((1 + 0.25) / 2 + (9 + 0.25) / 2)
    assert losses.least_squares_generator_loss(fake).item() == pytest.approx((16 + 0.25) / 2)


def test_hinge_ignores_realness_beyond_the_margin() -> None:
    real, fake = torch.tensor([[2.0, 0.5]]), torch.tensor([[-3.0, 0.5]])
    assert losses.hinge_discriminator_loss(real, fake).item() == pytest.approx((0 + 0.5) / 2 + (0 + 1.5) / 2)


def test_relativistic_losses_compare_pairs() -> None:
    real, fake = torch.tensor([[log(3), 1.0]]), torch.tensor([[0.0, 1.0]])
    discriminator = losses.relativistic_discriminator_loss(real, fake)
    assert discriminator.item() == pytest.approx((log(1 + 1 / 3) + log(2)) / 2)
    assert losses.relativistic_generator_loss(fake, real).item() == pytest.approx((log(1 + 3) + log(2)) / 2)


def test_r1_and_r2_are_the_squared_gradients_at_real_images_and_at_fakes() -> None:
    """D(x) = ‖x‖²/2 has the gradient x."""
    real, fake = images(), torch.full_like(images(), 0.5).requires_grad_()
    penalty = losses.r1_r2_penalty(lambda x: x.square().sum((1, 2, 3)) / 2, real, fake, torch.rand(3).double())
    assert penalty.item() == pytest.approx(real.square().sum().item() / 3 + 12 / 4)
    assert not penalty.requires_grad or torch.autograd.grad(penalty, fake, allow_unused=True) == (None,)


def test_names_of_adversarial_losses() -> None:
    assert losses.ADVERSARIAL_LOSSES["wasserstein"].penalty is losses.gradient_penalty
    assert losses.ADVERSARIAL_LOSSES["logistic"].penalty is losses.r1_penalty
    hinge = losses.ADVERSARIAL_LOSSES["hinge"]
    assert hinge.discriminator is losses.hinge_discriminator_loss and hinge.penalty is losses.r1_penalty
    relativistic = losses.ADVERSARIAL_LOSSES["relativistic"]
    assert relativistic.penalty is losses.r1_r2_penalty and relativistic.paired and not hinge.paired
    assert hinge.generator(torch.tensor([[1.0, -4.0]])).item() == 1.5


def test_classification_is_summed_over_attributes_and_averaged_over_the_batch() -> None:
    logits = torch.tensor([[0.0, log(3)], [log(4), -log(4)]])  # probabilities 1/2, 3/4; 4/5, 1/5
    attributes = torch.tensor([[1.0, 0.0], [1.0, 0.5]])
    first = -log(1 / 2) - log(1 / 4)
    second = -log(4 / 5) - (log(1 / 5) + log(4 / 5)) / 2
    assert losses.classification_loss(logits, attributes).item() == pytest.approx((first + second) / 2)


def test_classification_without_attributes_is_zero() -> None:
    assert losses.classification_loss(torch.zeros(4, 0), torch.zeros(4, 0)).item() == 0


def test_segmentation_is_averaged_over_pixels() -> None:
    logits = torch.zeros(1, 3, 1, 2)
    logits[0, :, 0, 1] = torch.tensor([1.0, 2.0, 3.0])
    target = torch.tensor([[[2, 0]]])
    second = -1 + log(exp(1) + exp(2) + exp(3))
    assert losses.segmentation_loss(logits, target).item() == pytest.approx((log(3) + second) / 2)
    # The mean does not grow with the image, the sum of equation 9 would.
    large = losses.segmentation_loss(logits.repeat(2, 1, 8, 8), target.repeat(2, 8, 8))
    assert large.item() == pytest.approx((log(3) + second) / 2, rel=1e-5)


def test_class_balance_gives_small_classes_more_weight() -> None:
    """At 0.5 the weights of pixels are the roots of 4 / 3 and 4: three pixels of class 0, one of class 1."""
    logits = torch.zeros(1, 2, 1, 4)
    logits[0, 1, 0, 3] = log(3)  # probability 3/4 for class 1 where it is, 1/2 elsewhere
    target = torch.tensor([[[0, 0, 0, 1]]])
    weights = (4 / 3) ** 0.5, 4**0.5
    by_hand = (3 * weights[0] * log(2) + weights[1] * log(4 / 3)) / (3 * weights[0] + weights[1])
    assert losses.segmentation_loss(logits, target, class_balance=0.5).item() == pytest.approx(by_hand)
    equal = (log(2) + log(4 / 3)) / 2  # equal weights of classes
    assert losses.segmentation_loss(logits, target, class_balance=1).item() == pytest.approx(equal)


def test_the_loss_of_a_batch_is_the_mean_of_its_parts() -> None:
    """Otherwise several processes would minimize another loss than one."""
    torch.manual_seed(0)
    logits, target = torch.randn(4, 3, 8, 8), torch.randint(3, (4, 8, 8))
    target[:2] = target[:2].clamp(max=1)
    for class_balance in (0.0, 0.5, 1.0):
        parts = [losses.segmentation_loss(logits[i : i + 2], target[i : i + 2], class_balance) for i in (0, 2)]
        torch.testing.assert_close(losses.segmentation_loss(logits, target, class_balance), (parts[0] + parts[1]) / 2)


def test_ignored_pixels_are_left_out() -> None:
    """The first image has three pixels with a class, the second one, the third none."""
    logits = torch.zeros(3, 2, 1, 4)
    logits[0, 1, 0, 3] = log(3)
    logits[:, 0, 0, 2] = 50  # would cost 50, where it is not ignored
    target = torch.tensor([[[0, 0, IGNORED, 1]], [[IGNORED, 0, IGNORED, IGNORED]], [[IGNORED] * 4]])
    first, second = (2 * log(2) + log(4 / 3)) / 3, log(2)
    assert losses.segmentation_loss(logits, target).item() == pytest.approx((first + second + 0) / 3)
    balanced = (log(2) + log(4 / 3)) / 2  # of the first: both classes weigh the same
    assert losses.segmentation_loss(logits, target, 1).item() == pytest.approx((balanced + second + 0) / 3)
    logits.requires_grad_()
    losses.segmentation_loss(logits, target, 0.5).backward()
    assert logits.grad is not None and (logits.grad.abs().sum(1) > 0).tolist() == (target != IGNORED).tolist()


def test_pixels_are_counted_in_full_precision() -> None:
    """The next bfloat16 after 256 is 258: counts and weights of a class this large would be rounded."""
    torch.manual_seed(0)
    logits, target = torch.randn(1, 3, 40, 40).bfloat16(), torch.randint(2, (1, 40, 40))
    target[0, 0, 0] = 2
    loss = losses.segmentation_loss(logits, target, class_balance=0.5)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, losses.segmentation_loss(logits.float(), target, class_balance=0.5))


def test_mode_seeking() -> None:
    images = torch.zeros(2, 3, 16, 16)
    others = images.clone()
    others[0, 0] = 0.6  # a third of the values: mean difference 0.2
    latent, other_latent = torch.zeros(2, 4), torch.tensor([[1.0, -1.0, 0.0, 0.0], [2.0, 2.0, 2.0, 2.0]])
    by_hand = (0.5 / (0.2 + 0.05) + 2 / 0.05) / 2
    assert losses.mode_seeking_loss(images, others, latent, other_latent).item() == pytest.approx(by_hand)


def test_mode_seeking_ignores_high_frequencies() -> None:
    """Differences that vanish in the mean of a patch (here 4×4 pixels) have no effect."""
    images, latents = torch.zeros(1, 3, 32, 32), (torch.zeros(1, 2), torch.ones(1, 2))
    checkerboard = (torch.arange(32)[:, None] + torch.arange(32)) % 2 * 2.0 - 1
    assert losses.mode_seeking_loss(images, images + checkerboard, *latents).item() == pytest.approx(1 / 0.05)


def test_feature_distance_sums_the_mean_differences() -> None:
    features = [torch.zeros(2, 2), torch.ones(3)]
    targets = [torch.full((2, 2), 0.5), torch.tensor([1.0, 1.0, 4.0])]
    assert losses.feature_matching_loss(features, targets).item() == pytest.approx(0.5 + 1)
