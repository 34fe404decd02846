"""Lines, arcs, paths through several points and grids between four."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scgan.interpolation.vector_paths import grid_path, piecewise_path
from scgan.utils.errors import UserError
from scgan.utils.vectors import fractions, lerp, slerp


def test_shares() -> None:
    np.testing.assert_array_equal(fractions(5), [0, 0.25, 0.5, 0.75, 1])
    for steps in (1, 0, -3):
        with pytest.raises(UserError, match=f"at least 2 steps, its two ends, not {steps}"):
            fractions(steps)


def test_linear() -> None:
    np.testing.assert_allclose(lerp([0, 2], [4, 4], np.array([0, 0.25, 1])), [[0, 2], [1, 2.5], [4, 4]])
    assert lerp(np.zeros((3, 2)), np.ones((3, 2)), fractions(4)).shape == (4, 3, 2)


def test_a_quarter_of_a_circle() -> None:
    path = slerp(np.array([1.0, 0.0]), np.array([0.0, 1.0]), fractions(4))
    angles = np.radians([0, 30, 60, 90])
    np.testing.assert_allclose(path, np.stack([np.cos(angles), np.sin(angles)], axis=1), atol=1e-12)


def test_lengths_change_evenly() -> None:
    path = slerp(np.array([2.0, 0, 0]), np.array([0, 0, 6.0]), fractions(5))
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), [2, 3, 4, 5, 6])


@given(st.integers(0, 10_000), st.integers(2, 64))
def test_an_arc_keeps_the_length_of_latents(seed: int, size: int) -> None:
    start, end = np.random.default_rng(seed).standard_normal((2, size))
    path = slerp(start, end, fractions(7))
    np.testing.assert_allclose(path[[0, -1]], [start, end], atol=1e-9)
    lengths = np.linalg.norm(path, axis=1)
    assert lengths.min() > 0.999 * min(lengths[0], lengths[-1])


def test_equal_ends_stay() -> None:
    np.testing.assert_allclose(slerp(np.array([3.0, 4.0]), np.array([3.0, 4.0]), fractions(3)), [[3, 4]] * 3)


def test_no_arc_is_refused() -> None:
    with pytest.raises(UserError, match="opposite latents: use a linear one"):
        slerp(np.array([1.0, 2.0]), np.array([-2.0, -4.0]), fractions(3))
    with pytest.raises(UserError, match="latent of zeros: use a linear one"):
        slerp(np.zeros(2), np.ones(2), fractions(3))


def test_through_several_points() -> None:
    corners = np.array([[0.0], [10.0], [0.0]])
    np.testing.assert_allclose(piecewise_path(corners, 5, lerp)[:, 0], [0, 5, 10, 5, 0])
    np.testing.assert_allclose(piecewise_path(corners, 4, lerp)[:, 0], [0, 20 / 3, 20 / 3, 0])
    np.testing.assert_allclose(piecewise_path(np.arange(9.0)[:, None], 2, lerp)[:, 0], [0, 8])
    with pytest.raises(UserError, match="at least 2 keyframes, found 1"):
        piecewise_path(corners[:1], 5, lerp)


def test_surface() -> None:
    corners = np.array([[0.0], [1.0], [10.0], [13.0]])
    np.testing.assert_allclose(grid_path(corners, 2, 3, lerp)[..., 0], [[0, 0.5, 1], [10, 11.5, 13]])
    with pytest.raises(UserError, match="needs 4 keyframes, its corners row by row, not 3"):
        grid_path(corners[:3], 3, 3, lerp)
