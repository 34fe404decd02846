"""Built-in sequences of landmarks."""

import numpy as np
import pytest

from scgan.faces.builtin import FACES, builtin_sequence
from scgan.faces.mean_face import toy_landmarks
from scgan.utils.errors import UserError


def test_a_turn_has_more_than_two_key_frames() -> None:
    assert all(len(builtin_sequence("left2right", face)) > 2 for face in FACES)


def test_toy_sequences_are_those_of_the_face_model() -> None:
    np.testing.assert_allclose(builtin_sequence("left2right", "toy")[0], toy_landmarks(-28), atol=1e-4)


def test_an_unknown_motion_is_refused() -> None:
    with pytest.raises(UserError, match="no built-in frown of toy; there are left2right of london"):
        builtin_sequence("frown", "toy")
