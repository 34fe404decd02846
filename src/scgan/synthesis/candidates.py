"""One draw of one picture: a pure function of (seed, picture, draw)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from scgan.data.prepared import PreparedDataset
from scgan.inference.manifest import ImageSpec
from scgan.synthesis.labels import LabelMix
from scgan.synthesis.variation import Variation, vary_face, vary_shape


class Candidate(NamedTuple):
    """A picture that may be made.

    Attributes:
        recipe: all that decides it.
        row: of the data set, where its mask comes from.
        changes: of the mask.
    """

    recipe: ImageSpec
    row: int
    changes: dict[str, Any]


@dataclass(frozen=True)
class Candidates:
    """Where pictures are drawn from.

    Attributes:
        dataset: has the masks.
        mix: has the labels, and the rows that go with them.
        jitter: how much masks are varied; 0 leaves them as they are.
        seed: decides everything.
    """

    dataset: PreparedDataset
    mix: LabelMix
    jitter: float
    seed: int

    def draw(self, picture: int, draw: int) -> Candidate | None:
        """The candidate of a draw, counted from 1; None where its varied mask broke.

        All draws of a picture have its label, so that what is rejected does not change the mix of labels.
        """
        label = np.random.default_rng([self.seed, picture]).choice(len(self.mix.labels), p=self.mix.shares)
        # Not 0: NumPy takes trailing zeros of a seed for nothing.
        random = np.random.default_rng([self.seed, picture, draw])
        row = int(random.choice(self.mix.rows[label]))
        latent = int(random.integers(2**31))
        variation = self._vary(row, random)
        if variation is None:
            return None
        name = f"{picture:06}"
        attributes = self.mix.labels[label]
        recipe = ImageSpec(name, name, variation.segmentation, attributes, latent, variation.landmarks)
        return Candidate(recipe, row, variation.changes)

    def _vary(self, row: int, random: np.random.Generator) -> Variation | None:
        mask, landmarks = np.array(self.dataset.segmentations[row]), self.dataset.landmarks
        if not self.jitter:
            return Variation(mask, None if landmarks is None else np.array(landmarks[row]), {})
        if landmarks is None:
            return vary_shape(mask, self.dataset.schema, self.jitter, random)
        return vary_face(landmarks[row], self.dataset.schema.image_size, self.jitter, random)
