"""What graders see, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scgan.data.prepared import PreparedDataset
from scgan.graders.grader import AttributeGrader, Grader
from scgan.schema import Schema
from scgan.synthesis.filter import Agreement, Filter, agreement_of_photos

SCHEMA = Schema(32, ("background", "thing"), ((0, 0, 0), (255, 255, 255)), ("red", "green"))


class Somewhere(nn.Module):
    """A network is where its weights are."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))


class White(Somewhere):
    """Sees the thing where a picture is white."""

    def forward(self, image: Tensor) -> Tensor:
        return torch.stack([torch.zeros_like(image[:, 0]), image[:, 0]], 1)


class Colours(Somewhere):
    """Sees an attribute where the first pixel has its colour."""

    def forward(self, image: Tensor) -> Tensor:
        return 10 * image[:, :2, 0, 0]


GRADER, COLOURS = Grader(White().eval(), SCHEMA, "white"), AttributeGrader(Colours().eval(), SCHEMA, "colours")


def pictures() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Three pictures of a white left half, with masks of the left half, the left quarter, and nothing."""
    images, masks = np.zeros((3, 32, 32, 3), np.uint8), np.zeros((3, 32, 32), np.uint8)
    images[:, :, :16] = 255
    masks[0, :, :16] = masks[1, :, :8] = 1
    return images, masks


def test_masks_are_judged_by_mean_iou() -> None:
    images, masks = pictures()
    found = Filter(GRADER, 0.5).judge(images, masks, np.zeros((3, 2)))
    # IoU of background and thing: 1 and 1; 16/24 and 8/16; 16/32 and 0.
    np.testing.assert_allclose(found.masks, [1, (16 / 24 + 8 / 16) / 2, 0.25])
    assert found.labels is None
    assert Filter(GRADER, 0.5).passes(found).tolist() == [True, True, False]


def test_labels_are_judged_where_that_is_asked_for() -> None:
    images, masks = pictures()
    images[0, 0, 0], images[1, 0, 0] = (255, 0, 0), (0, 0, 0)
    judge = Filter(GRADER, 0.0, COLOURS, 0.9)
    found = judge.judge(images, masks, np.array([[1, 0], [1, 0], [0, 0]]))
    assert found.labels is not None and found.labels.tolist() == [1, 0.5, 0]
    assert judge.passes(found).tolist() == [True, False, False]
    assert judge.passes(Agreement(np.array([-1.0]), np.array([1.0]))).tolist() == [False]


def test_the_threshold_of_photos_is_what_95_percent_reach() -> None:
    images, masks = pictures()
    chosen = [0] * 18 + [1, 2]
    names = tuple(map(str, range(20)))
    data = PreparedDataset(
        Path("d"),
        SCHEMA,
        images[chosen],
        masks[chosen],
        np.zeros((20, 2), np.float32),
        None,
        names,
        ("test",) * 20,
        "f",
        {},
    )
    # The 5th percentile of 20 values lies 0.95 of the way from the lowest (0.25) to the next (0.5833).
    by_hand = pytest.approx(0.25 + 0.95 * (0.58333 - 0.25), abs=1e-3)
    assert agreement_of_photos(GRADER, data) == by_hand
    # Where there are photos for validation, the test split stays unseen.
    splits = ("validation",) * 20 + ("test",) * 3
    best = np.array([0, 0, 0])
    more = replace(
        data,
        images=np.concatenate([data.images, data.images[best]]),
        segmentations=np.concatenate([data.segmentations, data.segmentations[best]]),
        splits=splits,
    )
    assert agreement_of_photos(GRADER, more) == by_hand
