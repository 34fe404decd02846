"""Search for end points in a crowd that contains two faces which differ in nothing but the score."""

from itertools import islice

import numpy as np
import pytest

from scgan.faces.mean_face import Proportions, toy_landmarks
from scgan.interpolation import MOTIONS, find_end_points, rank_end_point_pairs
from scgan.utils.errors import UserError


@pytest.fixture(scope="module")
def crowd() -> np.ndarray:
    random = np.random.default_rng(4)

    def person() -> np.ndarray:
        proportions = Proportions(
            face_width=float(random.normal(1, 0.05)),
            chin_length=float(random.normal(1, 0.08)),
            nose_length=float(random.normal(1, 0.06)),
            eye_distance=float(random.normal(1, 0.08)),
        )
        center = (float(random.normal(0.5, 0.01)), float(random.normal(0.45, 0.01)))
        return toy_landmarks(
            float(random.uniform(-30, 30)), float(random.uniform(0, 1)), 0.2, proportions=proportions, center=center
        )

    return np.stack([person() for _ in range(300)])


def test_the_similar_pair_is_found(crowd: np.ndarray) -> None:
    same = Proportions(face_width=1.02, nose_length=1.03)

    def turned(share: float) -> np.ndarray:
        return toy_landmarks(60 * share - 30, 0.4, 0.2, proportions=same)

    def smiling(share: float) -> np.ndarray:
        return toy_landmarks(3, 3 * share - 1, 0.2, proportions=same)

    for motion, face in (("left2right", turned), ("nosmile2smile", smiling)):
        score = MOTIONS[motion]
        at = np.linspace(0, 1, 200)
        scores = np.array([score(face(share)) for share in at])
        # Far apart, and no outliers.
        low, high = np.interp(np.quantile([score(other) for other in crowd], [0.03, 0.97]), scores, at)
        faces = np.concatenate([crowd, [face(low), face(high)]])
        # By chance, some pairs of the crowd are as similar.
        assert (300, 301) in islice(rank_end_point_pairs(faces, motion), 5)


def test_pairs_are_far_apart_and_each_comes_once(crowd: np.ndarray) -> None:
    for motion, score in MOTIONS.items():
        scores = np.array([score(face) for face in crowd])
        low, high = np.quantile(scores, [0.05, 0.95])
        pairs = list(islice(rank_end_point_pairs(crowd, motion), 20))
        assert len({*pairs}) == 20
        assert all(scores[start] <= low < high <= scores[end] for start, end in pairs)


def test_pairs_that_are_not_sound_are_passed_over(crowd: np.ndarray) -> None:
    faces = crowd.copy()
    first = next(rank_end_point_pairs(faces, "left2right"))
    faces[first[0], 60:68] -= (0, 1e-6)  # still the best pair
    assert find_end_points(faces, "left2right", 64) == first
    broken = faces.copy()
    broken[:, 48:68, 0] += 0.4  # every mouth lies beside its face
    with pytest.raises(UserError, match="no two of 300 faces are suitable for left2right"):
        find_end_points(broken, "left2right", 64)


def test_too_few(crowd: np.ndarray) -> None:
    with pytest.raises(UserError, match="at least 20 faces are needed to find end points, found 5"):
        find_end_points(crowd[:5], "nosmile2smile", 64)
