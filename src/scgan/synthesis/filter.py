"""Which pictures are kept: those in which graders see what was asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.evaluation.attributes import agreement
from scgan.evaluation.metrics import Floats, confusion_matrices, mean_iou
from scgan.evaluation.scores import subset
from scgan.graders.grader import AttributeGrader, Grader

REAL_SHARE = 0.95
"""Of real photos that pass the threshold taken from them.

Measured with the shipped faces: of its pictures 97 % pass then, and 6 % of those judged against the mask of another
item (docs/synthesize.md).
"""
_REAL_PHOTOS = 512


class Agreement(NamedTuple):
    """How far graders see what was asked for.

    Attributes:
        masks: (N,) in [0, 1], the mean IoU of each picture over the classes that occur in it.
        labels: (N,) in [0, 1], the share of attributes seen as asked, or None where nobody judges them.
    """

    masks: Floats
    labels: Floats | None


class Filter(NamedTuple):
    """Judges and what they ask for.

    Attributes:
        grader: judges masks.
        min_agreement: the least mean IoU.
        attribute_grader: judges labels; None: they are not judged.
        min_label_agreement: the least share of attributes seen as asked.
    """

    grader: Grader
    min_agreement: float
    attribute_grader: AttributeGrader | None = None
    min_label_agreement: float = 0.0

    def judge(self, images: NDArray[np.uint8], masks: NDArray[np.uint8], labels: NDArray[Any]) -> Agreement:
        """uint8 (N, H, W, 3), class indices (N, H, W) and labels (N, n_c) to their agreement."""
        in_masks = mask_agreement(self.grader, images, masks)
        if self.attribute_grader is None:
            return Agreement(in_masks, None)
        seen = self.attribute_grader.probabilities(images)
        return Agreement(in_masks, agreement(labels, seen, self.attribute_grader.schema).mean(axis=1))

    def passes(self, found: Agreement) -> NDArray[np.bool_]:
        """Which pictures are kept, bool (N,)."""
        passed = found.masks >= self.min_agreement
        return passed if found.labels is None else passed & (found.labels >= self.min_label_agreement)


def mask_agreement(grader: Grader, images: NDArray[np.uint8], masks: NDArray[np.uint8]) -> Floats:
    """The mean IoU of each picture with its mask: uint8 (N, H, W, 3) and (N, H, W) → (N,) in [0, 1]."""
    return mean_iou(confusion_matrices(masks, grader.segment(images), grader.schema.class_count))


def agreement_of_photos(grader: Grader, dataset: PreparedDataset) -> float:
    """The mean IoU that ``REAL_SHARE`` of the photos of the validation split reach with their own masks, in [0, 1].

    Where there is none, those of the test split: the grader has seen the others.

    Raises:
        UserError: the data set has neither.
    """
    held_out = "validation" if "validation" in dataset.splits else "test"
    rows = subset(dataset.split(held_out), _REAL_PHOTOS, seed=0)
    found = mask_agreement(grader, dataset.images[rows], dataset.segmentations[rows])
    return float(np.quantile(found, 1 - REAL_SHARE).round(4))
