"""Small changes of faces and masks: moved parts, fixed parts, and refused results."""

from __future__ import annotations

import numpy as np
import pytest

from scgan.faces.head import LOG_SCALE, TILT, YAW, to_heads
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS, mirror
from scgan.faces.mean_face import toy_landmarks
from scgan.faces.rasterize import rasterize
from scgan.schema import Schema
from scgan.synthesis.variation import vary_face, vary_mask

FACE = toy_landmarks(yaw=5, smile=0.3, mouth_open=0.6, scale=0.3)
ARMS = Schema(32, ("background", "body", "left arm", "right arm"), tuple((i, i, i) for i in range(4)))
ARMS = Schema(32, ARMS.class_names, ARMS.class_colors, mirrored_classes=(("left arm", "right arm"),))


def figure() -> np.ndarray:
    """A body of 8×16 pixels with an arm of 4×8 on each side."""
    mask = np.zeros((32, 32), np.uint8)
    mask[8:24, 12:20] = 1
    mask[10:18, 8:12] = 2
    mask[10:18, 20:24] = 3
    return mask


def test_a_varied_face_changes_as_reported() -> None:
    seen = set()
    for seed in range(8):
        varied = vary_face(FACE, 64, 1.0, np.random.default_rng(seed))
        assert varied is not None and varied.landmarks is not None
        changes = varied.changes
        start, head = (to_heads(face) for face in (mirror(FACE) if changes["mirrored"] else FACE, varied.landmarks))
        assert head[TILT] - start[TILT] == pytest.approx(changes["tilt"], abs=0.5)
        assert head[YAW] - start[YAW] == pytest.approx(changes["yaw"], abs=1.5)
        assert np.exp(head[LOG_SCALE] - start[LOG_SCALE]) == pytest.approx(changes["scale"], abs=0.02)
        np.testing.assert_array_equal(varied.segmentation, rasterize(varied.landmarks, 64))
        assert set(np.unique(varied.segmentation)) == set(range(len(FACE_CLASSES)))
        seen.add(changes["mirrored"])
    assert seen == {True, False}


def test_less_jitter_changes_less() -> None:
    """The same random numbers, in proportion."""
    large, small = (vary_face(FACE, 64, jitter, np.random.default_rng(3)) for jitter in (1.0, 0.1))
    assert large is not None and small is not None
    assert small.changes["yaw"] == pytest.approx(large.changes["yaw"] / 10, abs=1e-4)
    assert abs(large.changes["yaw"]) <= 10


def test_a_face_that_breaks_is_refused() -> None:
    """Its chin ends at the edge of the image: any step down puts it outside."""
    low = FACE + np.array([0, 1 - FACE[:, 1].max()], np.float32)
    results = [vary_face(low, 64, 1.0, np.random.default_rng(seed)) for seed in range(12)]
    assert None in results
    assert all(result.landmarks.max() <= 1 for result in results if result is not None)  # type: ignore[union-attr]


def test_a_varied_mask_keeps_its_classes() -> None:
    for seed in range(8):
        varied = vary_mask(figure(), ARMS, 1.0, np.random.default_rng(seed))
        assert varied is not None and varied.landmarks is None
        assert varied.segmentation.dtype == np.uint8 and set(np.unique(varied.segmentation)) == {0, 1, 2, 3}
        # Arms keep their side, flipped or not: their classes change places with them.
        left, right = (np.argwhere(varied.segmentation == arm)[:, 1].mean() for arm in (2, 3))
        assert left < 16 < right
        area, expected = np.count_nonzero(varied.segmentation == 1), 128 * varied.changes["scale"] ** 2
        assert area == pytest.approx(expected, rel=0.25)


def test_a_tiny_jitter_changes_nothing_but_the_side() -> None:
    for seed in range(4):
        varied = vary_mask(figure(), ARMS, 1e-6, np.random.default_rng(seed))
        assert varied is not None
        expected = ARMS.mirrored_indices[figure()[:, ::-1]] if varied.changes["mirrored"] else figure()
        np.testing.assert_array_equal(varied.segmentation, expected)


def test_a_mask_that_loses_a_class_is_refused() -> None:
    """A line of five pixels at the edge is gone as soon as it moves out."""
    mask = np.zeros((32, 32), np.uint8)
    mask[10:15, 0] = 2
    mask[10:20, 10:20] = 1
    results = [vary_mask(mask, ARMS, 3.0, np.random.default_rng(seed)) for seed in range(12)]
    assert None in results
    mask[10, 0] = 0  # four pixels may come and go with the grid
    assert None not in [vary_mask(mask, ARMS, 3.0, np.random.default_rng(seed)) for seed in range(12)]


def test_mirrored_classes() -> None:
    assert ARMS.mirrored_indices.tolist()[:5] == [0, 1, 3, 2, 4]
    assert Schema(32, FACE_CLASSES, FACE_COLORS).mirrored_indices.tolist() == list(range(256))
