"""Candidates for synthetic images: pure functions of seed, image and attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.inference.manifest import ImageSpec
from scgan.synthesis.attributes import AttributeMix
from scgan.synthesis.variation import Variation, vary_face, vary_mask
from scgan.utils.seeds import require_seed


class Candidate(NamedTuple):
    """An image that may be generated.

    Attributes:
        spec: mask, attributes and latent.
        row: of the data set, source of the mask.
        changes: of the mask, JSON values.
    """

    spec: ImageSpec
    row: int
    changes: dict[str, Any]


@dataclass(frozen=True)
class Candidates:
    """Random candidates.

    Attributes:
        dataset: source of the masks.
        mix: distribution of attributes, with the rows that go with them.
        jitter: scale of the mask's changes; 0 for none.
        seed: of all random numbers.

    Raises:
        UserError: the seed is negative or too large.
    """

    dataset: PreparedDataset
    mix: AttributeMix
    jitter: float
    seed: int

    def __post_init__(self) -> None:
        require_seed(self.seed)

    def draw(self, index: int, attempt: int) -> Candidate | None:
        """Draw a candidate for an image; attempts count from 1. None if its varied mask broke.

        All attempts for an image have the same attributes, so that rejections do not change their distribution.
        """
        choice = self._choice(index)
        # Attempts start at 1: NumPy ignores trailing zeros of a seed.
        rng = np.random.default_rng([self.seed, index, attempt])
        row = int(rng.choice(self.mix.rows[choice]))
        latent = int(rng.integers(2**31))
        variation = self._vary(row, rng)
        if variation is None:
            return None
        name = f"{index:06}"
        attributes = self.mix.attributes[choice]
        spec = ImageSpec(name, name, variation.segmentation, attributes, latent, variation.landmarks)
        return Candidate(spec, row, variation.changes)

    def attributes(self, index: int) -> NDArray[np.float32]:
        """Attributes of an image, float32 (n_c,)."""
        return self.mix.attributes[self._choice(index)]

    def _choice(self, index: int) -> int:
        return int(np.random.default_rng([self.seed, index]).choice(len(self.mix.attributes), p=self.mix.shares))

    def _vary(self, row: int, rng: np.random.Generator) -> Variation | None:
        mask, landmarks = self.dataset.generator_masks(np.array([row]))[0], self.dataset.landmarks
        if not self.jitter:
            return Variation(mask, None if landmarks is None else np.array(landmarks[row]), {})
        if landmarks is None:
            return vary_mask(mask, self.dataset.schema, self.jitter, rng)
        return vary_face(landmarks[row], self.dataset.schema.image_size, self.jitter, rng)
