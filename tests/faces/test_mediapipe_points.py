"""Tests of the mapping from the mesh to the 68 landmarks."""

from __future__ import annotations

import numpy as np

from scgan.faces.landmarks import MIRRORED
from scgan.faces.mediapipe_points import MESH_POINTS, OFFSETS, face_axes, to_landmarks


def test_every_landmark_has_points_and_its_mirror_image_has_others() -> None:
    assert MESH_POINTS.shape == (68, 2)
    assert MESH_POINTS[[0, 8, 16, 36, 45, 48, 54]].tolist() == [
        [127, 127], [152, 152], [356, 356], [33, 33], [263, 263], [61, 61], [291, 291],
    ]  # fmt: skip
    middle = np.arange(68) == MIRRORED
    assert middle.sum() == 10
    pairs = [frozenset(pair) for pair in MESH_POINTS.tolist()]
    assert len(set(pairs)) == 68
    for number in np.flatnonzero(~middle):
        assert not pairs[number] & pairs[MIRRORED[number]]


def test_offsets_are_the_same_on_both_sides_and_small() -> None:
    np.testing.assert_allclose(OFFSETS[MIRRORED], OFFSETS * (-1, 1))
    assert 0 < np.abs(OFFSETS).max() < 0.1


def test_offsets_turn_and_grow_with_the_face() -> None:
    """By hand: a face whose eyes are 100 pixels apart, upright and turned by a quarter."""
    mesh = np.zeros((468, 2))
    mesh[[33, 263]] = (0, 0), (100, 0)
    offsets = np.zeros((68, 2))
    offsets[8] = 0.1, 0.2
    assert to_landmarks(mesh, offsets)[8].tolist() == [10, 20]
    assert to_landmarks(mesh * 2, offsets)[8].tolist() == [20, 40]
    mesh[[33, 263]] = (0, 0), (0, 100)  # x of the face points down, y to the left
    assert to_landmarks(mesh, offsets)[8].tolist() == [-20, 10]
    assert face_axes(to_landmarks(mesh, offsets)).tolist() == [[0, 100], [-100, 0]]


def test_two_points_give_their_middle() -> None:
    mesh = np.arange(468 * 2, dtype=float).reshape(468, 2)
    np.testing.assert_allclose(to_landmarks(mesh, np.zeros((68, 2)))[27], (mesh[168] + mesh[6]) / 2)
