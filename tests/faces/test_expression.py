"""Measuring and changing the expression of a face."""

import numpy as np
import pytest

from scgan.faces.expression import Expression, express, measure
from scgan.faces.mean_face import Proportions, toy_landmarks
from scgan.faces.scores import smile_score, yaw_score
from scgan.utils.errors import UserError


def test_a_face_is_measured_as_it_was_drawn() -> None:
    expression = measure(toy_landmarks(yaw=12, smile=0.7, mouth_open=0.4, tilt=8, center=(0.45, 0.5), scale=0.22))
    assert expression.yaw == pytest.approx(12, abs=1)
    assert expression.smile == pytest.approx(0.7, abs=0.05)
    assert expression.mouth_open == pytest.approx(0.4, abs=0.05)
    assert expression.eyebrows == pytest.approx(0, abs=0.02)


def test_each_parameter_changes_its_own_part() -> None:
    face = toy_landmarks(proportions=Proportions(face_width=1.1, nose_length=0.9, eyebrow_slant=0.1))
    start = measure(face)
    turned = express(face, start._replace(yaw=start.yaw + 15))
    smiling = express(face, start._replace(smile=start.smile + 1))
    opened = express(face, start._replace(mouth_open=start.mouth_open + 0.5))
    surprised = express(face, start._replace(eyebrows=start.eyebrows + 0.1))
    assert yaw_score(turned) > yaw_score(face) + 0.2
    assert smile_score(smiling) > smile_score(face) + 0.1
    assert abs(yaw_score(smiling) - yaw_score(face)) < 0.02
    gap = lambda points: points[66, 1] - points[62, 1]  # noqa: E731
    assert gap(opened) > gap(face) + 0.02
    np.testing.assert_allclose(opened[36:48], face[36:48], atol=1e-5)  # the eyes stay
    assert (surprised[17:27, 1] < face[17:27, 1] - 0.02).all()
    np.testing.assert_allclose(surprised[27:], face[27:], atol=1e-5)


def test_the_same_expression_leaves_the_face_as_it_is() -> None:
    rng = np.random.default_rng(0)
    face = (toy_landmarks(yaw=-20, smile=0.3) + rng.normal(0, 0.004, (68, 2))).astype(np.float32)
    np.testing.assert_allclose(express(face, measure(face)), face, atol=1e-5)


def test_points_in_one_place_are_refused() -> None:
    points = np.full((68, 2), 0.5, np.float32)
    with pytest.raises(UserError, match="not a face"):
        measure(points)
    with pytest.raises(UserError, match="not a face"):
        express(points, Expression(0, 0, 0, 0))
