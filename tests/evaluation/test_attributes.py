"""Tests of attribute accuracy and leakage, on models whose scores are known."""

from __future__ import annotations

import numpy as np
import pytest

from painted_models import JUDGED, SCHEMA, Painter, PixelGrader, dataset
from scgan.evaluation.attributes import agreement, attribute_control, judged_names, switched
from scgan.evaluation.generation import Generation
from scgan.evaluation.metrics import derangement


def test_groups_are_judged_as_one() -> None:
    assert judged_names(SCHEMA) == list(JUDGED)
    true = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]])
    seen = np.array([[0.6, 0.3, 0.2, 0.4], [0.6, 0.3, 0.2, 0.4], [0.1, 0.4, 0.4, 0.9], [0.1, 0.6, 0.4, 0.9]])
    assert agreement(true, seen, SCHEMA).tolist() == [[1, 1, 1], [0, 1, 0], [1, 1, 1], [1, 1, 0]]


def test_switching_an_attribute_of_a_group_leaves_the_others_off() -> None:
    base = np.array([[1, 1, 0, 1]], np.float32)
    off, on, excluded = switched(base, 2, SCHEMA)
    assert (off.tolist(), on.tolist(), excluded) == ([[1, 0, 0, 1]], [[1, 0, 1, 1]], [1, 2])
    assert base.tolist() == [[1, 1, 0, 1]]


def test_a_model_that_follows_attributes_reaches_the_ceiling_and_leaks_nothing() -> None:
    data = dataset()
    scores = attribute_control(Generation(Painter(), data), PixelGrader(), data.split("test"), 0)
    assert scores["accuracy"]["model"] == scores["accuracy"]["ceiling"] == scores["accuracy"]["normalised"] == 1
    assert list(scores["per_attribute"]) == list(JUDGED)
    attributes = data.attributes[15:]
    by_hand = agreement(attributes[derangement(15, 0)], attributes, SCHEMA).mean()
    assert scores["accuracy"]["floor"] == pytest.approx(by_hand, abs=1e-6)
    leakage = scores["leakage"]
    assert leakage["effect"] == 1 and leakage["other_attributes"] == 0
    # The attributes are four pixels of the background: each of them changes one of 1024 − 256.
    assert leakage["background_pixels"] == pytest.approx(1 / 768, abs=1e-6) and leakage["other_pixels"] == 0


def test_a_model_that_ignores_attributes_is_not_above_the_floor() -> None:
    data = dataset(200)
    scores = attribute_control(Generation(Painter(follows=False), data), PixelGrader(), data.split("test"), 0)
    low, high = scores["per_attribute"]["bright"]["interval"]["normalised"]
    assert low < 0.1 and high < 0.5
    assert scores["leakage"]["effect"] == 0


def test_leakage_by_hand() -> None:
    data = dataset()
    leakage = attribute_control(Generation(Painter(leak=True), data), PixelGrader(), data.split("test"), 0)["leakage"]
    # "warm" follows "bright": of four attributes one moves another. Others: 3, 2, 2 and 3 attributes.
    assert leakage["other_attributes"] == pytest.approx(1 / (3 + 2 + 2 + 3), abs=1e-6)
    # "warm" itself has lost its effect.
    assert leakage["effect"] == pytest.approx(3 / 4, abs=1e-6)
    # "bright" moves its own pixel, that of "warm" and the last row; the colours one pixel each.
    assert leakage["background_pixels"] == pytest.approx((2 + 32 + 1 + 1) / (4 * 768), abs=1e-6)
