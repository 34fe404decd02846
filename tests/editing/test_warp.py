"""Warps of faces: landmarks land where they should, the surroundings stay."""

from __future__ import annotations

import numpy as np

from scgan.editing.warp import warp_classes, warp_field
from scgan.faces.mean_face import toy_landmarks


def test_landmarks_move_and_the_surroundings_stay() -> None:
    before, after = toy_landmarks(scale=0.2), toy_landmarks(yaw=12, smile=0.5, scale=0.2)
    field = warp_field(before, after, 128)
    pixels = np.floor(after * 128).astype(int)
    arrived = after + field[pixels[:, 1], pixels[:, 0]]
    assert np.abs(arrived - before).max() < 0.01
    assert np.abs(after - before).max() > 0.02
    assert not field[:4].any() and not field[:, :4].any() and not field[-4:].any()


def test_classes_move_by_the_field() -> None:
    mask = np.zeros((10, 10), np.uint8)
    mask[4, 4] = 3
    field = np.zeros((10, 10, 2), np.float32)
    field[..., 0], field[..., 1] = -0.2, 0.1
    warped = warp_classes(mask, field)
    assert warped[3, 6] == 3 and (warped == 3).sum() == 1


def test_nothing_moves_without_a_change() -> None:
    points = toy_landmarks()
    assert not np.abs(warp_field(points, points, 32)).max() > 1e-6
