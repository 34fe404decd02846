"""Search for two faces of a data set between which one thing changes: the yaw of the head, or the smile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.checks import require_valid_path
from scgan.faces.scores import smile_score, yaw_score
from scgan.interpolation.landmark_paths import landmark_path
from scgan.utils.errors import UserError
from scgan.utils.text import counted

# Quantiles of the score between which the two faces lie: far apart, without the detector's outliers.
_LOW, _HIGH = (0.01, 0.05), (0.95, 0.99)
_MIN_FACES = 20
_MAX_PAIRS = 50
_CHECKED_STEPS = 16

MOTIONS = {"left2right": yaw_score, "nosmile2smile": smile_score}
"""Motions of Figures 5 and 6, each with the score of the landmarks that changes."""


def find_end_points(landmarks: NDArray[Any], motion: str, size: int) -> tuple[int, int]:
    """Find the best of ``rank_end_point_pairs`` whose path has only valid faces at masks of ``size`` pixels.

    Raises:
        UserError: fewer than 20 faces, or no such pair among the best 50.
    """
    for start, end in islice(rank_end_point_pairs(landmarks, motion), _MAX_PAIRS):
        try:
            require_valid_path(landmark_path(landmarks[[start, end]], _CHECKED_STEPS), size)
        except UserError:
            continue
        return start, end
    raise UserError(
        f"no two of {counted(len(landmarks), 'face')} are suitable for {motion}: use the built-in landmarks."
    )


def rank_end_point_pairs(landmarks: NDArray[Any], motion: str) -> Iterator[tuple[int, int]]:
    """Rank pairs of faces that differ much in one score, the pairs that differ least in everything else first.

    A parabola of the score is fitted to each coordinate and subtracted. The distance of two faces is that of their
    residuals: position, size, proportions and expression.

    Args:
        landmarks: float (N, 68, 2), fractions of the image.
        motion: a name of ``MOTIONS``.

    Yields:
        Two row numbers: the face with the low score (turned to the left, not smiling), then that with the high score.

    Raises:
        UserError: fewer than 20 faces.
    """
    landmarks = np.asarray(landmarks, np.float64)
    if len(landmarks) < _MIN_FACES:
        raise UserError(f"at least {_MIN_FACES} faces are needed to find end points, found {len(landmarks)}.")
    scores = np.array([MOTIONS[motion](face) for face in landmarks])
    powers = np.stack([np.ones_like(scores), scores, scores**2], axis=1)
    points = landmarks.reshape(len(landmarks), -1)
    residuals = points - powers @ np.linalg.lstsq(powers, points, rcond=None)[0]
    low, high = (
        np.flatnonzero((scores >= first) & (scores <= last))
        for first, last in (np.quantile(scores, _LOW), np.quantile(scores, _HIGH))
    )
    norms = np.sum(residuals**2, axis=1)
    distances = norms[low][:, None] + norms[high] - 2 * residuals[low] @ residuals[high].T
    for index in np.argsort(distances, axis=None, kind="stable"):
        start, end = np.unravel_index(index, distances.shape)
        yield int(low[start]), int(high[end])
