"""The losses that only the compared methods use, against values worked out by hand."""

import pytest
import torch

from scgan.losses import (
    feature_matching_loss,
    hinge_discriminator_loss,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
)

REAL, FAKE = torch.tensor([[2.0, 0.5]]), torch.tensor([[-3.0, 0.5]])


def test_least_squares() -> None:
    assert least_squares_discriminator_loss(REAL, FAKE).item() == pytest.approx((1 + 0.25) / 2 + (9 + 0.25) / 2)
    assert least_squares_generator_loss(FAKE).item() == pytest.approx((16 + 0.25) / 2)


def test_hinge_ignores_what_is_beyond_the_margin() -> None:
    assert hinge_discriminator_loss(REAL, FAKE).item() == pytest.approx((0 + 0.5) / 2 + (0 + 1.5) / 2)


def test_feature_distance_sums_the_mean_differences() -> None:
    features = [torch.zeros(2, 2), torch.ones(3)]
    wanted = [torch.full((2, 2), 0.5), torch.tensor([1.0, 1.0, 4.0])]
    assert feature_matching_loss(features, wanted).item() == pytest.approx(0.5 + 1)
