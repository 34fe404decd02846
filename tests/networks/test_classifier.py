"""Classifier of graders of attributes."""

from __future__ import annotations

import pytest
import torch

from scgan.networks.classifier import AttributeClassifier


@pytest.mark.parametrize(("size", "attributes"), [(8, 1), (32, 5), (128, 17)])
def test_every_size(size: int, attributes: int) -> None:
    assert AttributeClassifier(size, attributes, 4)(torch.rand(2, 3, size, size)).shape == (2, attributes)
