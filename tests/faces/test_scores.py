"""Scores of yaw and smile."""

import numpy as np
import pytest

from scgan.faces.mean_face import toy_landmarks
from scgan.faces.scores import smile_score, yaw_score

FACE = toy_landmarks(yaw=12, smile=0.5, mouth_open=0.8, tilt=6, scale=0.33)


def transformed(
    points: np.ndarray, degrees: float, scale: float = 1.0, shift: tuple[float, float] = (0, 0)
) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return (points - 0.5) @ np.array([[cos, sin], [-sin, cos]]) * scale + 0.5 + np.array(shift)


def test_yaw_follows_the_nose() -> None:
    scores = [yaw_score(toy_landmarks(yaw=yaw)) for yaw in (-28, -15, 0, 15, 28)]
    assert scores == sorted(scores)
    assert scores[2] == pytest.approx(0, abs=1e-6)
    assert scores[4] == pytest.approx(-scores[0], abs=1e-6)
    assert 0.5 < scores[4] < 1


def test_smile_grows() -> None:
    scores = [smile_score(toy_landmarks(smile=smile)) for smile in (-0.3, 0, 0.5, 1)]
    assert scores == sorted(scores)
    assert scores[1] == pytest.approx(0.8, abs=0.05)
    assert scores[3] == pytest.approx(1.0, abs=0.05)


def test_position_size_and_tilt_do_not_matter() -> None:
    moved = transformed(FACE, 33, scale=0.6, shift=(0.2, -0.1))
    assert yaw_score(moved) == pytest.approx(yaw_score(FACE), abs=1e-5)
    assert smile_score(moved) == pytest.approx(smile_score(FACE), abs=1e-5)
