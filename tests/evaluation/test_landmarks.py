"""Tests of the landmark error with a detector whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from painted_models import Painter, SquareGrader, dataset
from scgan.evaluation.evaluate import evaluate
from scgan.evaluation.landmarks import eye_span, landmark_errors
from scgan.evaluation.measures import score_table
from scgan.faces.landmarks import Points
from scgan.faces.mean_face import toy_landmarks
from scgan.utils.errors import UserError

FACE = toy_landmarks()


class BrightnessDetector:
    """Finds the face ``FACE``, moved to the right by the brightness of the image's middle; in black images none."""

    name = "brightness"

    def __init__(self) -> None:
        self.sizes: list[tuple[int, ...]] = []

    def detect_all(self, image: NDArray[np.uint8]) -> list[Points]:
        self.sizes.append(image.shape)
        value = int(image[image.shape[0] // 2, image.shape[1] // 2, 0])
        return [FACE + np.float32([value / 1000, 0]), FACE * 0] if value else []


def gray(*values: int, size: int = 32) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)[:, None, None, None].repeat(size, 1).repeat(size, 2).repeat(3, 3)


def test_the_error_is_a_share_of_the_distance_of_the_eyes() -> None:
    detector = BrightnessDetector()
    errors = landmark_errors(gray(30, 60, 0), np.stack([FACE] * 3), detector)
    span = np.linalg.norm(FACE[45] - FACE[36])
    np.testing.assert_allclose(errors, [0.03 / span, 0.06 / span, np.inf], rtol=1e-5)
    assert eye_span(FACE) == pytest.approx(span)
    assert detector.sizes == [(256, 256, 3)] * 3


def test_large_images_keep_their_size() -> None:
    detector = BrightnessDetector()
    landmark_errors(gray(30, size=300), FACE[None], detector)
    assert detector.sizes == [(300, 300, 3)]


class GrayPainter(Painter):
    """Model that paints every third image black, the others in growing grey levels."""

    def generate(
        self, segmentation: NDArray[np.uint8], attributes: NDArray[np.float32], latent: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        return gray(*[0 if row % 3 == 0 else 10 * row for row in range(len(segmentation))])


def test_scores_of_a_model_and_of_real_images() -> None:
    """Images without a face count as farther away than all others."""
    data = dataset(30)  # 15 are tested; their pixels in the middle are 20
    data = replace(data, landmarks=np.stack([FACE] * 30))
    scores = evaluate(GrayPainter(), data, SquareGrader(), detector=BrightnessDetector())["landmarks"]
    span = np.linalg.norm(FACE[45] - FACE[36])
    values = sorted(np.inf if row % 3 == 0 else row / 100 / span for row in range(15))
    assert scores["error"]["model"] == pytest.approx(values[7], abs=1e-5)
    assert scores["error"]["real"] == pytest.approx(0.02 / span, abs=1e-5)
    assert scores["missed"]["model"] == pytest.approx(1 / 3, abs=1e-5)
    assert scores["missed"]["real"] == 0
    assert scores["images"] == 15 and scores["detector"] == "brightness"
    low, high = scores["error"]["interval"]
    assert low < scores["error"]["model"] and (high is None or high > scores["error"]["model"])


def test_without_a_detector_nothing_is_measured() -> None:
    assert "landmarks" not in evaluate(Painter(), dataset(), SquareGrader())


def test_a_model_without_faces_has_no_error() -> None:
    class BlackPainter(Painter):
        def generate(
            self, segmentation: NDArray[np.uint8], attributes: NDArray[np.float32], latent: NDArray[np.float32]
        ) -> NDArray[np.uint8]:
            return gray(*[0] * len(segmentation))

    data = replace(dataset(), landmarks=np.stack([FACE] * 30))
    scores = evaluate(BlackPainter(), data, SquareGrader(), detector=BrightnessDetector())
    assert scores["landmarks"]["error"]["model"] is None
    assert scores["landmarks"]["missed"]["model"] == 1
    rows = {row[0]: row for row in score_table(scores).rows}
    assert rows["landmark error ↓"][2] == "–"
    assert rows["faces not found ↓"][2] == "1.0000 [1.000, 1.000]"


def test_data_without_landmarks_are_refused() -> None:
    with pytest.raises(UserError, match=r"--judge-landmarks compares .* painted has none: leave it out"):
        evaluate(Painter(), dataset(), SquareGrader(), detector=BrightnessDetector())
