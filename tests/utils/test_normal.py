"""Normal numbers of a key."""

import numpy as np
import pytest
import torch

from scgan.utils.normal import seed_of, standard_normal
from scgan.utils.random import generator_for


@pytest.mark.parametrize("count", [1, 2, 7, 15, 16, 17, 31, 64, 512])
def test_numbers_are_those_of_torch(count: int) -> None:
    for seed in range(20):
        expected = torch.randn(count, generator=generator_for("latent", seed)).numpy()
        drawn = standard_normal(count, "latent", seed)
        assert drawn.dtype == np.float32
        np.testing.assert_allclose(drawn, expected, rtol=2e-6, atol=2e-6)


def test_numbers_are_normal() -> None:
    drawn = np.concatenate([standard_normal(64, "latent", seed) for seed in range(2000)])
    assert abs(drawn.mean()) < 0.01 and abs(drawn.std() - 1) < 0.01
    assert abs(np.mean(np.abs(drawn) < 1) - 0.6827) < 0.005
    assert len(np.unique(drawn)) > 0.9 * drawn.size


def test_seeds_of_keys() -> None:
    assert seed_of("latent", 7) == seed_of("latent/7") < 2**63
    assert seed_of("latent", 7) != seed_of("latent", 8)


def test_no_numbers() -> None:
    assert standard_normal(0, "latent", 0).shape == (0,)
