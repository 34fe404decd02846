"""U-Net of graders."""

from __future__ import annotations

import pytest
import torch

from scgan.networks.unet import UNet


@pytest.mark.parametrize(("size", "width", "classes"), [(32, 6, 7), (64, 4, 7), (128, 3, 4), (256, 2, 19)])
def test_every_size(size: int, width: int, classes: int) -> None:
    assert UNet(classes, width)(torch.rand(2, 3, size, size)).shape == (2, classes, size, size)
