"""PyTorch's random number generators as a function of a key."""

from __future__ import annotations

import torch

from scgan.utils.normal import seed_of


def generator_for(*key: int | str) -> torch.Generator:
    """Build a random number generator that depends on ``key`` alone."""
    return torch.Generator().manual_seed(seed_of(*key))
