"""Filter of synthetic images: keeps those in which graders find the requested mask and attributes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.evaluation.attributes import agreement
from scgan.evaluation.metrics import Floats, confusion_matrices, mean_iou
from scgan.evaluation.scores import subset
from scgan.graders.grader import AttributeGrader, Grader
from scgan.utils.errors import UserError

PHOTO_SHARE = 0.95
"""Share of real photos that pass the default threshold.

With the shipped faces, 97 % of the generated images pass it, and 6 % of those that are compared with the mask of
another item (docs/synthesize.md).
"""
_MAX_PHOTOS = 512


class FilterScores(NamedTuple):
    """Scores of images.

    Attributes:
        mask_iou: (N,) in [0, 1], mean IoU over the classes that occur in the image.
        attribute_accuracy: (N,) in [0, 1], share of correct attributes, or None if attributes are not judged.
    """

    mask_iou: Floats
    attribute_accuracy: Floats | None


class ImageFilter(NamedTuple):
    """Graders and their thresholds.

    Attributes:
        grader: judges masks.
        min_mask_iou: threshold of the mean IoU.
        attribute_grader: judges attributes; None if they are not judged.
        min_attribute_accuracy: threshold of the share of correct attributes.
    """

    grader: Grader
    min_mask_iou: float
    attribute_grader: AttributeGrader | None = None
    min_attribute_accuracy: float = 0.0

    def score(self, images: NDArray[np.uint8], masks: NDArray[np.uint8], attributes: NDArray[Any]) -> FilterScores:
        """Score images uint8 (N, H, W, 3) against class indices (N, H, W) and attributes (N, n_c)."""
        mask_iou = image_mask_iou(self.grader, images, masks)
        if self.attribute_grader is None:
            return FilterScores(mask_iou, None)
        probabilities = self.attribute_grader.probabilities(images)
        correct = agreement(attributes, probabilities, self.attribute_grader.schema)
        return FilterScores(mask_iou, correct.mean(axis=1))

    def passes(self, scores: FilterScores) -> NDArray[np.bool_]:
        """Compare scores with the thresholds: bool (N,)."""
        passed = scores.mask_iou >= self.min_mask_iou
        if scores.attribute_accuracy is None:
            return passed
        return passed & (scores.attribute_accuracy >= self.min_attribute_accuracy)


def image_mask_iou(grader: Grader, images: NDArray[np.uint8], masks: NDArray[np.uint8]) -> Floats:
    """Mean IoU of each image with its mask: uint8 (N, H, W, 3) and (N, H, W) → (N,) in [0, 1]."""
    return mean_iou(confusion_matrices(masks, grader.segment(images), grader.schema.class_count))


def photo_threshold(grader: Grader, dataset: PreparedDataset) -> float:
    """Mean IoU that ``PHOTO_SHARE`` of the real photos of the validation split reach with their own masks, in [0, 1].

    Without a validation split, the photos of the test split: the grader was trained on all others.

    Raises:
        UserError: the data set has neither.
    """
    rows = subset(threshold_rows(dataset), _MAX_PHOTOS, seed=0)
    mask_iou = image_mask_iou(grader, dataset.images[rows], dataset.segmentations[rows])
    return float(np.quantile(mask_iou, 1 - PHOTO_SHARE).round(4))


def threshold_rows(dataset: PreparedDataset) -> NDArray[np.int64]:
    """Rows of the photos that ``photo_threshold`` measures.

    Raises:
        UserError: the data set has neither a validation nor a test split.
    """
    for split in ("validation", "test"):
        rows = dataset.rows_of(split)
        if rows.size:
            return rows
    raise UserError(
        f"{dataset.path} has no validation and no test split, whose photos give the filter its threshold: give "
        "--min-mask-iou."
    )
