"""Latents as seeds, or as blends of two seeds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.inference.synthesizer import Synthesizer
from scgan.utils.vectors import slerp


class Blend(NamedTuple):
    """A latent on the arc between those of two seeds.

    Attributes:
        seed_a, seed_b: seeds of the two ends.
        t: position on the arc in [0, 1]; 0 is the latent of ``seed_a``.
    """

    seed_a: int
    seed_b: int
    t: float


Latent = int | Blend


def latent_vector(synthesizer: Synthesizer, latent: Latent) -> NDArray[np.float32]:
    """Convert a seed or blend to a latent vector of the model, float32 (n_z,)."""
    if not isinstance(latent, Blend):
        return synthesizer.sample_latent(1, latent)[0]
    start, end = (synthesizer.sample_latent(1, seed)[0] for seed in (latent.seed_a, latent.seed_b))
    return slerp(start, end, np.array([latent.t]))[0].astype(np.float32)
