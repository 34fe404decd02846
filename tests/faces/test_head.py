"""Heads: conversion in both directions, yaw and placement, linear interpolation as a turn."""

import numpy as np
import pytest

from scgan.faces.head import CENTER, HEAD_SIZE, LOG_SCALE, PLACE, SHAPE, TILT, YAW, to_heads, to_points
from scgan.faces.mean_face import Proportions, toy_landmarks

OTHER = Proportions(face_width=1.1, jaw_width=0.9, nose_length=1.1, mouth_width=1.2)


def test_the_inverse_is_exact() -> None:
    faces = np.stack([toy_landmarks(20, 0.7, 0.3, proportions=OTHER, tilt=-9), toy_landmarks(-31, proportions=OTHER)])
    heads = to_heads(faces)
    assert heads.shape == (2, HEAD_SIZE)
    np.testing.assert_allclose(to_points(heads), faces, atol=1e-6)
    np.testing.assert_allclose(to_points(heads[0]), faces[0], atol=1e-6)
    assert to_heads(faces[None]).shape == (1, 2, HEAD_SIZE)


@pytest.mark.parametrize("yaw", [-40, -12, 0, 28])
def test_pose_of_the_mean_face(yaw: float) -> None:
    head = to_heads(toy_landmarks(yaw, tilt=7, center=(0.45, 0.52), scale=0.27))
    assert head[YAW] == pytest.approx(yaw, abs=0.05)
    assert head[TILT] == pytest.approx(7, abs=0.01)
    assert head[LOG_SCALE] == pytest.approx(np.log(0.27), abs=1e-3)
    np.testing.assert_allclose(head[CENTER], (0.45, 0.52), atol=1e-3)
    np.testing.assert_allclose(head[SHAPE], 0, atol=2e-3)


def test_a_similarity_transform_changes_the_placement_only() -> None:
    face = toy_landmarks(15, 0.5, proportions=OTHER)
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    moved = (face - 0.5) @ turn * 0.7 + (0.6, 0.4)
    here, there = to_heads(face), to_heads(moved)
    assert there[TILT] - here[TILT] == pytest.approx(90, abs=0.01)
    assert there[LOG_SCALE] - here[LOG_SCALE] == pytest.approx(np.log(0.7), abs=1e-4)
    for head in (here, there):
        head[PLACE] = 0
    np.testing.assert_allclose(here, there, atol=1e-2)


def test_the_middle_of_a_turn_is_the_frontal_face() -> None:
    left, right = toy_landmarks(-30), toy_landmarks(30)
    middle = to_points((to_heads(left) + to_heads(right)) / 2)
    np.testing.assert_allclose(middle, toy_landmarks(), atol=1e-3)

    def eyes_apart(face: np.ndarray) -> float:
        return float(face[45, 0] - face[36, 0])

    # Linear interpolation of the points would give cos 30° = 0.87 of the width.
    assert eyes_apart((left + right) / 2) == pytest.approx(np.cos(np.pi / 6) * eyes_apart(middle), rel=0.01)
