"""Checks of faces and of paths between faces."""

import numpy as np
import pytest

from scgan.faces.checks import require_inside, require_valid_path
from scgan.faces.mean_face import toy_landmarks
from scgan.utils.errors import UserError


def test_names_the_frame_without_a_class() -> None:
    faces = np.stack([toy_landmarks(mouth_open=1.0)] * 5)
    faces[3, 60:68] = faces[3, 60]  # no opening between the lips
    with pytest.raises(UserError, match="frame 4 of 5 has no mouth, which the end points have"):
        require_valid_path(faces, 128)


def test_a_class_that_one_key_frame_lacks_may_be_missing() -> None:
    faces = np.stack([toy_landmarks(mouth_open=1.0)] * 3)
    faces[1:, 60:68] = faces[1:, 60:61]
    require_valid_path(faces, 128)


@pytest.mark.parametrize(("part", "name"), [(slice(36, 42), "eyes"), (slice(48, 68), "lips")])
def test_names_the_part_that_leaves_the_face(part: slice, name: str) -> None:
    faces = np.stack([toy_landmarks()] * 3)
    faces[1, part] += (-0.25, 0)
    with pytest.raises(UserError, match=f"frame 2 of 3 has {name} outside of the face"):
        require_valid_path(faces, 64)


def test_a_head_that_turns_back_is_refused() -> None:
    faces = np.stack([toy_landmarks(yaw) for yaw in (-20, 0, -10, 20)])
    with pytest.raises(UserError, match="turns back at frame 3 of 4"):
        require_valid_path(faces, 64)
    require_valid_path(faces[:3], 64, key_frame_count=3)
    require_valid_path(faces[::3], 64, key_frame_count=4)


def test_points_outside() -> None:
    face = toy_landmarks()
    face[8] = (0.5, 1.04)
    with pytest.raises(UserError, match=r"me\.json: landmark 8 lies outside of the image, at \(0\.50, 1\.04\)"):
        require_inside(face, "me.json")
