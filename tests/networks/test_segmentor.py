"""Segmentor: the table of the paper and all sizes."""

from __future__ import annotations

import pytest
import torch

from networks_by_hand import PAPER_PAGE, output_shapes, parameter_count
from scgan.networks.segmentor import Segmentor

CLASSES = 7


def test_table_2() -> None:
    with torch.device("meta"):
        network = Segmentor(CLASSES, 64)
        with output_shapes(**{str(number): layer for number, layer in enumerate(network.layers, start=1)}) as shapes:
            network(torch.zeros(2, 3, 128, 128))
    assert len(network.layers) == 9
    assert shapes["1 in"] == (3, 128, 128)
    assert shapes["1"] == (64, 64, 64)
    for row in "23456":
        assert shapes[row] == (128, 32, 32)
    assert shapes["7"] == (64, 64, 64)
    assert shapes["8"] == (32, 128, 128)
    assert shapes["9"] == (CLASSES, 128, 128)


def test_parameter_count_of_the_docs() -> None:
    with torch.device("meta"):
        assert parameter_count(Segmentor(CLASSES, 64)) == 1_482_279
    assert f"{1_482_279:,}" in PAPER_PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("size", "width", "classes"), [(32, 4, 2), (64, 4, 7), (128, 4, 4), (256, 2, 19)])
def test_every_size(size: int, width: int, classes: int) -> None:
    assert Segmentor(classes, width)(torch.rand(2, 3, size, size)).shape == (2, classes, size, size)
