"""Scores by graders, and thresholds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.graders.grader import AttributeGrader, Grader
from scgan.schema import Schema
from scgan.synthesis.filter import FilterScores, ImageFilter, photo_threshold

SCHEMA = Schema(32, ("background", "thing"), ((0, 0, 0), (255, 255, 255)), ("red", "green"))


class Placed(nn.Module):
    """A network with a weight, so that it has a device."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))


class White(Placed):
    """Finds the thing where an image is white."""

    def forward(self, image: Tensor) -> Tensor:
        return torch.stack([torch.zeros_like(image[:, 0]), image[:, 0]], 1)


class Colours(Placed):
    """Finds an attribute where the first pixel has its colour."""

    def forward(self, image: Tensor) -> Tensor:
        return 10 * image[:, :2, 0, 0]


GRADER, COLOURS = Grader(White().eval(), SCHEMA, "white"), AttributeGrader(Colours().eval(), SCHEMA, "colours")


def images_and_masks() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Three images of a white left half, with masks of the left half, the left quarter, and nothing."""
    images, masks = np.zeros((3, 32, 32, 3), np.uint8), np.zeros((3, 32, 32), np.uint8)
    images[:, :, :16] = 255
    masks[0, :, :16] = masks[1, :, :8] = 1
    return images, masks


def test_masks_are_judged_by_mean_iou() -> None:
    images, masks = images_and_masks()
    scores = ImageFilter(GRADER, 0.5).score(images, masks, np.zeros((3, 2)))
    # IoU of background and thing: 1 and 1; 16/24 and 8/16; 16/32 and 0.
    np.testing.assert_allclose(scores.mask_iou, [1, (16 / 24 + 8 / 16) / 2, 0.25])
    assert scores.attribute_accuracy is None
    assert ImageFilter(GRADER, 0.5).passes(scores).tolist() == [True, True, False]


def test_attributes_are_judged_on_demand() -> None:
    images, masks = images_and_masks()
    images[0, 0, 0], images[1, 0, 0] = (255, 0, 0), (0, 0, 0)
    image_filter = ImageFilter(GRADER, 0.0, COLOURS, 0.9)
    scores = image_filter.score(images, masks, np.array([[1, 0], [1, 0], [0, 0]]))
    assert scores.attribute_accuracy is not None and scores.attribute_accuracy.tolist() == [1, 0.5, 0]
    assert image_filter.passes(scores).tolist() == [True, False, False]
    assert image_filter.passes(FilterScores(np.array([-1.0]), np.array([1.0]))).tolist() == [False]


def test_95_percent_of_photos_reach_their_threshold() -> None:
    images, masks = images_and_masks()
    rows = [0] * 18 + [1, 2]
    names = tuple(map(str, range(20)))
    data = PreparedDataset(
        Path("d"),
        SCHEMA,
        images[rows],
        masks[rows],
        np.zeros((20, 2), np.float32),
        None,
        names,
        ItemSplits.of(("test",) * 20),
        "f",
        {},
    )
    # The 5th percentile of 20 values lies 0.95 of the way from the lowest (0.25) to the next (0.5833).
    by_hand = pytest.approx(0.25 + 0.95 * (0.58333 - 0.25), abs=1e-3)
    assert photo_threshold(GRADER, data) == by_hand
    # With a validation split, the test split is not used.
    splits = ("validation",) * 20 + ("test",) * 3
    best = np.array([0, 0, 0])
    more = replace(
        data,
        images=np.concatenate([data.images, data.images[best]]),
        segmentations=np.concatenate([data.segmentations, data.segmentations[best]]),
        splits=ItemSplits.of(splits),
    )
    assert photo_threshold(GRADER, more) == by_hand
