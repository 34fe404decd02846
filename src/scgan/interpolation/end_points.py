"""Find the two faces of a data set between which one thing changes: the turn of the head, or the smile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.checks import require_sound
from scgan.faces.expression import smile_score
from scgan.faces.pose import yaw_score
from scgan.interpolation.landmark_paths import landmark_path
from scgan.utils.errors import UserError

# Quantiles of the score between which the two faces are looked for: far apart, but not so far that the detector erred.
_LOW, _HIGH = (0.01, 0.05), (0.95, 0.99)
_MIN_FACES = 20
_TRIED_PAIRS = 50
_TRIED_STEPS = 16

MOTIONS = {"left2right": yaw_score, "nosmile2smile": smile_score}
"""What changes in the motions of Figures 5 and 6, as a score of the points."""


def find_end_points(landmarks: NDArray[Any], motion: str, size: int) -> tuple[int, int]:
    """The nearest of ``rank_end_point_pairs`` between which every face is sound at masks of ``size`` pixels.

    Raises:
        UserError: fewer than 20 faces, or no such pair among the nearest 50.
    """
    for start, end in islice(rank_end_point_pairs(landmarks, motion), _TRIED_PAIRS):
        try:
            require_sound(landmark_path(landmarks[[start, end]], _TRIED_STEPS), size)
        except UserError:
            continue
        return start, end
    raise UserError(f"no two of the {len(landmarks)} faces are fit for {motion}: take the built-in points.")


def rank_end_point_pairs(landmarks: NDArray[Any], motion: str) -> Iterator[tuple[int, int]]:
    """Pairs of faces that are far apart in one score and near in everything else, the nearest first.

    What moves with the score is taken out of all points (a parabola of the score for each coordinate); near are two
    faces whose remainders are: place, size, proportions, expression, and what else a face is.

    Args:
        landmarks: float (N, 68, 2), fractions of the picture.
        motion: a name of ``MOTIONS``.

    Yields:
        Two row numbers: of the face with the low score (turned to the left, not smiling) and the one with the high.

    Raises:
        UserError: fewer than 20 faces.
    """
    landmarks = np.asarray(landmarks, np.float64)
    if len(landmarks) < _MIN_FACES:
        raise UserError(f"at least {_MIN_FACES} faces are needed to find end points, found {len(landmarks)}.")
    scores = np.array([MOTIONS[motion](face) for face in landmarks])
    powers = np.stack([np.ones_like(scores), scores, scores**2], axis=1)
    points = landmarks.reshape(len(landmarks), -1)
    remainders = points - powers @ np.linalg.lstsq(powers, points, rcond=None)[0]
    low, high = (
        np.flatnonzero((scores >= first) & (scores <= last))
        for first, last in (np.quantile(scores, _LOW), np.quantile(scores, _HIGH))
    )
    squares = np.sum(remainders**2, axis=1)
    distances = squares[low][:, None] + squares[high] - 2 * remainders[low] @ remainders[high].T
    for place in np.argsort(distances, axis=None, kind="stable"):
        start, end = np.unravel_index(place, distances.shape)
        yield int(low[start]), int(high[end])
