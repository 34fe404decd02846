"""Masks drawn from 68 points."""

import numpy as np
import pytest

from scgan.faces.landmarks import (
    FACE_CLASSES,
    FACE_COLORS,
    LEFT_EYE,
    LEFT_EYEBROW,
    RIGHT_EYE,
    RIGHT_EYEBROW,
    mirror,
)
from scgan.faces.mean_face import toy_landmarks
from scgan.faces.rasterize import forehead, rasterize
from scgan.utils.errors import UserError

FACE = toy_landmarks(yaw=12, smile=0.5, mouth_open=0.8, tilt=6, scale=0.33)


@pytest.mark.parametrize("size", [32, 64, 128, 256])
def test_classes_lie_where_the_points_are(size: int) -> None:
    mask = rasterize(FACE, size)
    assert mask.shape == (size, size)
    assert mask.dtype == np.uint8

    def class_at(place: np.ndarray) -> str:
        column, row = (place * size).astype(int)
        return FACE_CLASSES[mask[row, column]]

    for eye in (LEFT_EYE, RIGHT_EYE):
        assert class_at(FACE[eye].mean(axis=0)) == "eyes"
    for eyebrow in (LEFT_EYEBROW, RIGHT_EYEBROW):
        assert class_at(FACE[eyebrow][1:4].mean(axis=0) + 0.01 * (FACE[8] - FACE[27])) == "eyebrows"
    assert class_at(FACE[30]) == "nose"
    assert class_at(FACE[29]) == "nose"
    assert class_at((FACE[51] + FACE[62]) / 2) == "lips"
    assert class_at((FACE[57] + FACE[66]) / 2) == "lips"
    assert class_at(FACE[60:68].mean(axis=0)) == "mouth"
    assert class_at((FACE[8] + FACE[57]) / 2) == "skin"
    assert class_at((FACE[31] + FACE[3]) / 2) == "skin"
    # Half-way from the eyebrows to the hairline.
    assert class_at((forehead(FACE)[7] + FACE[17:27].mean(axis=0)) / 2) == "skin"
    assert class_at(np.array([0.02, 0.02])) == class_at(FACE[8] + (0, 0.05)) == "background"


def test_every_class_occurs_and_is_one_of_seven() -> None:
    assert np.unique(rasterize(FACE, 64)).tolist() == list(range(len(FACE_CLASSES))) == list(range(7))
    assert len(FACE_COLORS) == len(set(FACE_COLORS)) == 7


def test_closed_mouth_is_nearly_empty() -> None:
    closed, opened = (rasterize(toy_landmarks(mouth_open=wide), 128) for wide in (0.0, 1.0))
    mouth = FACE_CLASSES.index("mouth")
    assert (closed == mouth).sum() < 0.15 * (opened == mouth).sum()


def test_whole_pixels_of_motion_move_the_mask_by_whole_pixels() -> None:
    mask = rasterize(FACE.astype(np.float64), 64)
    moved = rasterize(FACE + np.array([3, -2]) / 64, 64)
    assert (moved[:-2, 3:] != mask[2:, :-3]).sum() <= 2


def test_a_small_motion_changes_few_pixels_and_a_smaller_one_fewer() -> None:
    mask = rasterize(FACE, 128)
    changes = [(rasterize(FACE + shift / 128, 128) != mask).sum() for shift in (0.02, 0.1, 0.5)]
    assert changes[0] < changes[1] < changes[2]
    assert changes[0] < 20


def test_a_quarter_turn_turns_the_mask() -> None:
    quarter = np.stack([1 - FACE[:, 1], FACE[:, 0]], axis=1)
    assert (rasterize(quarter, 128) != np.rot90(rasterize(FACE, 128), -1)).sum() <= 12


def test_mirrored_points_give_the_mirrored_mask() -> None:
    for size in (64, 128):
        assert (rasterize(mirror(FACE), size) != rasterize(FACE, size)[:, ::-1]).sum() <= 4


def test_the_eyebrow_is_as_thick_as_the_face_is_large() -> None:
    small, large = (rasterize(toy_landmarks(scale=scale), 256) for scale in (0.15, 0.3))
    eyebrows = FACE_CLASSES.index("eyebrows")
    assert (large == eyebrows).sum() == pytest.approx(4 * (small == eyebrows).sum(), rel=0.1)


def test_points_outside_are_fine() -> None:
    assert not rasterize(FACE + 3, 64).any()
    assert rasterize(FACE + 0.4, 64).any()


def test_bad_points_are_refused() -> None:
    broken = FACE.copy()
    broken[13, 1] = np.nan
    with pytest.raises(UserError, match="landmark 13 is not a finite number"):
        rasterize(broken, 64)
    with pytest.raises(UserError, match=r"68 landmarks.*\(67, 2\)"):
        rasterize(FACE[1:], 64)
