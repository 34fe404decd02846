"""Paths of faces that turn and smile: smoothness, position, transfer, combination, and checks."""

import numpy as np
import pytest

from scgan.faces.mean_face import Proportions, toy_landmarks
from scgan.faces.scores import smile_score, yaw_score
from scgan.interpolation import (
    FACES,
    MOTIONS,
    align_face,
    builtin_sequence,
    combine_motions,
    draw_masks,
    fractions,
    landmark_path,
    lerp,
    require_inside,
    require_valid_path,
    transfer_motion,
)
from scgan.utils.errors import UserError

OTHER = Proportions(face_width=0.95, jaw_width=1.1, nose_length=0.95, eye_size=1.4)


class TestLandmarkPath:
    def test_ends_are_the_end_points(self) -> None:
        ends = np.stack([toy_landmarks(-25), toy_landmarks(20, 1.0, proportions=OTHER, tilt=8)])
        path = landmark_path(ends, 7)
        assert path.shape == (7, 68, 2)
        assert path.dtype == np.float32
        np.testing.assert_allclose(path[[0, -1]], ends, atol=1e-6)

    def test_a_head_turns_evenly(self) -> None:
        path = landmark_path(np.stack([toy_landmarks(-28), toy_landmarks(28)]), 15)
        for face, yaw in zip(path, np.linspace(-28, 28, 15), strict=True):
            np.testing.assert_allclose(face, toy_landmarks(float(yaw)), atol=2e-3)

    def test_a_smile_is_a_straight_line(self) -> None:
        ends = np.stack([toy_landmarks(), toy_landmarks(smile=1.0, mouth_open=0.5)])
        np.testing.assert_allclose(landmark_path(ends, 5), lerp(*ends, fractions(5)), atol=3e-3)

    def test_passes_through_key_frames(self) -> None:
        faces = np.stack([toy_landmarks(yaw) for yaw in (-20, 10, 25)])
        np.testing.assert_allclose(landmark_path(faces, 5)[2], faces[1], atol=1e-6)

    @pytest.mark.parametrize("size", [64, 128])
    def test_masks_move_smoothly(self, size: int) -> None:
        masks = draw_masks(landmark_path(np.stack([toy_landmarks(-28), toy_landmarks(28)]), 48), size)
        changes = (masks[1:] != masks[:-1]).mean(axis=(1, 2))
        assert changes.max() < 0.02
        assert changes.max() < 3 * changes.mean()

    def test_two_steps_at_least(self) -> None:
        with pytest.raises(UserError, match="at least 2 steps"):
            landmark_path(np.stack([toy_landmarks(), toy_landmarks(5)]), 1)


def test_align_face_takes_the_place_of_a_face() -> None:
    path = np.stack([toy_landmarks(yaw) for yaw in (-20, 0, 20)])
    target = toy_landmarks(scale=0.2, center=(0.4, 0.6), tilt=12)
    moved = align_face(path, target)
    np.testing.assert_allclose(moved[1], target, atol=1e-4)
    np.testing.assert_allclose(moved[2], toy_landmarks(20, scale=0.2, center=(0.4, 0.6), tilt=12), atol=1e-3)


class TestTransferMotion:
    def test_the_face_is_in_its_own_motion(self) -> None:
        face = toy_landmarks(8, 0.3, proportions=OTHER, center=(0.52, 0.47))
        moved = transfer_motion(np.stack([toy_landmarks(yaw) for yaw in (-20, -10, 0, 10, 20)]), face)
        np.testing.assert_allclose(moved[3], face, atol=1e-6)

    def test_a_turn_keeps_the_shape(self) -> None:
        path = np.stack([toy_landmarks(yaw) for yaw in (-20, 0, 20)])
        moved = transfer_motion(path, toy_landmarks(proportions=OTHER))
        np.testing.assert_allclose(moved[2], toy_landmarks(20, proportions=OTHER), atol=0.01)

    def test_a_smiling_face_begins_by_not_smiling(self) -> None:
        path = np.stack([toy_landmarks(smile=smile) for smile in (0, 0.5, 1)])
        face = toy_landmarks(smile=1.0, proportions=OTHER)
        moved = transfer_motion(path, face)
        np.testing.assert_allclose(moved[2], face, atol=1e-6)
        assert smile_score(moved[0]) < smile_score(moved[1]) < smile_score(face)


def test_combine_turns_and_smiles() -> None:
    turning = np.stack([toy_landmarks(yaw) for yaw in (-20, 0, 20)])
    smiling = np.stack([toy_landmarks(smile=smile, scale=0.25) for smile in (0, 0.5, 1)])
    faces = combine_motions(turning, smiling)
    assert faces.shape == (3, 3, 68, 2)
    np.testing.assert_allclose(faces[0], turning, atol=1e-3)
    for row, smile in zip(faces, (0, 0.5, 1), strict=True):
        for face, yaw in zip(row, (-20, 0, 20), strict=True):
            assert yaw_score(face) == pytest.approx(yaw_score(toy_landmarks(yaw, smile)), abs=0.02)
            assert smile_score(face) == pytest.approx(smile_score(toy_landmarks(yaw, smile)), abs=0.05)


class TestBuiltin:
    @pytest.mark.parametrize("face", FACES)
    def test_every_motion_is_a_valid_path_and_goes_far(self, face: str) -> None:
        for motion, score in MOTIONS.items():
            path = landmark_path(builtin_sequence(motion, face), 24)
            for size in (32, 64, 128):
                require_valid_path(path, size)
            require_inside(path[0], motion)
            scores = [score(points) for points in path]
            assert scores[-1] - scores[0] > {"left2right": 1.0, "nosmile2smile": 0.25}[motion]
            assert scores == sorted(scores)
