"""Detection of faces in real photos by MediaPipe's networks."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PIL import Image

from scgan.faces.detector import NoFace, shared_detector
from scgan.faces.landmarks import LEFT_EYE, MIRRORED, RIGHT_EYE
from scgan.faces.mediapipe_detector import FOLDER, FaceRegion, MediapipeDetector
from scgan.faces.scores import smile_score, yaw_score
from scgan.utils.errors import UserError


@pytest.fixture(scope="module")
def detector() -> MediapipeDetector:
    pytest.importorskip("onnxruntime")
    found = shared_detector("mediapipe")
    assert isinstance(found, MediapipeDetector)
    return found


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Mean distance in distances of the outer corners of the eyes."""
    return float(np.linalg.norm(one - other, axis=1).mean() / np.linalg.norm(other[45] - other[36]))


def test_finds_the_face(detector: MediapipeDetector, photos: tuple[np.ndarray, np.ndarray]) -> None:
    neutral, smiling = (detector.detect(photo) for photo in photos)
    assert neutral.shape == (68, 2)
    assert neutral.dtype == np.float32
    assert 0.3 < neutral[LEFT_EYE, 0].mean() < neutral[30, 0] < neutral[RIGHT_EYE, 0].mean() < 0.7
    assert neutral[27, 1] < neutral[51, 1] < neutral[8, 1]
    assert abs(yaw_score(neutral)) < 0.15
    assert smile_score(smiling) > smile_score(neutral) + 0.05


def test_agrees_with_dlib(detector: MediapipeDetector, photos: tuple[np.ndarray, np.ndarray]) -> None:
    pytest.importorskip("dlib")
    for photo in photos:
        assert distance(detector.detect(photo), shared_detector("dlib").detect(photo)) < 0.05


def test_a_mirrored_photo_gives_mirrored_points(
    detector: MediapipeDetector, photos: tuple[np.ndarray, np.ndarray]
) -> None:
    mirrored = detector.detect(np.ascontiguousarray(photos[0][:, ::-1]))[MIRRORED] * (-1, 1) + (1, 0)
    assert distance(mirrored, detector.detect(photos[0])) < 0.03


def test_a_tilted_face(detector: MediapipeDetector, photos: tuple[np.ndarray, np.ndarray]) -> None:
    """Points turned back by hand: 40 degrees around the middle."""
    tilted = detector.detect(np.asarray(Image.fromarray(photos[0]).rotate(40, Image.Resampling.BICUBIC)))
    cosine, sine = np.cos(np.radians(40)), np.sin(np.radians(40))
    upright = (tilted - 0.5) @ np.array([[cosine, sine], [-sine, cosine]]) + 0.5
    assert distance(upright, detector.detect(photos[0])) < 0.04


def test_points_are_fractions_of_the_image(detector: MediapipeDetector, photos: tuple[np.ndarray, np.ndarray]) -> None:
    photo = photos[0]
    wide = np.pad(photo, ((0, 0), (0, photo.shape[1]), (0, 0)), mode="edge")
    np.testing.assert_allclose(detector.detect(wide) * (2, 1), detector.detect(photo), atol=0.01)


@pytest.mark.parametrize("side", [64, 2048])
def test_small_and_large_photos(detector: MediapipeDetector, photos: tuple[np.ndarray, np.ndarray], side: int) -> None:
    resized = np.asarray(Image.fromarray(photos[0]).resize((side, side)))
    assert distance(detector.detect(resized), detector.detect(photos[0])) < 0.05


def test_a_small_face_in_a_large_photo(detector: MediapipeDetector, photos: tuple[np.ndarray, np.ndarray]) -> None:
    large = np.full((900, 1000, 3), 90, np.uint8)
    large[300:492, 700:892] = np.asarray(Image.fromarray(photos[0]).resize((192, 192)))
    points = detector.detect(large) * (1000, 900)
    assert distance((points - (700, 300)) / 192, detector.detect(photos[0])) < 0.05


def test_finds_several_faces_the_middle_one_first(
    detector: MediapipeDetector, photos: tuple[np.ndarray, np.ndarray]
) -> None:
    neutral, smiling = (photo[64:448, 64:448] for photo in photos)
    both = np.pad(np.concatenate([neutral, smiling], axis=1), ((0, 0), (300, 0), (0, 0)), mode="edge")
    faces = detector.detect_all(both)
    assert len(faces) == 2
    assert faces[0][30, 0] < faces[1][30, 0]


@pytest.mark.parametrize("shape", [(100, 100), (1, 1), (1, 3000), (3000, 2)])
def test_no_face(detector: MediapipeDetector, shape: tuple[int, int]) -> None:
    grey = np.full((*shape, 3), 128, np.uint8)
    assert detector.detect_all(grey) == []
    with pytest.raises(NoFace, match="no face found"):
        detector.detect(grey)


def test_noise_is_no_face(detector: MediapipeDetector) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    assert detector.detect_all(noise) == []
    assert detector.find_mesh(noise, FaceRegion(np.array([100.0, 100.0]), 150.0, 0.0)) is None


def test_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UserError, match=r"finding faces .* needs onnxruntime: pip install 'scgan\[onnx\]'"):
        MediapipeDetector()


def test_networks_come_with_their_licence() -> None:
    assert sorted(file.name for file in FOLDER.iterdir()) == [
        "LICENSE.txt",
        "README.md",
        "face_detection.onnx",
        "face_landmarks.onnx",
    ]
    assert "Apache License" in (FOLDER / "LICENSE.txt").read_text()
