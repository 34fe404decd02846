"""Detection of faces in real photos by dlib."""

import sys

import numpy as np
import pytest
from PIL import Image

from scgan.faces.detector import NoFace, shared_detector
from scgan.faces.dlib_detector import DlibDetector
from scgan.faces.landmarks import LEFT_EYE, RIGHT_EYE
from scgan.faces.scores import smile_score, yaw_score
from scgan.utils.errors import ItemError, UserError


@pytest.fixture(scope="module")
def detector() -> DlibDetector:
    pytest.importorskip("dlib")
    found = shared_detector("dlib")
    assert isinstance(found, DlibDetector)
    return found


def test_finds_the_face(detector: DlibDetector, photos: tuple[np.ndarray, np.ndarray]) -> None:
    neutral, smiling = (detector.detect(photo) for photo in photos)
    assert neutral.shape == (68, 2)
    assert neutral.dtype == np.float32
    assert 0.3 < neutral[LEFT_EYE, 0].mean() < neutral[30, 0] < neutral[RIGHT_EYE, 0].mean() < 0.7
    assert neutral[27, 1] < neutral[51, 1] < neutral[8, 1]
    assert abs(yaw_score(neutral)) < 0.15
    assert smile_score(smiling) > smile_score(neutral) + 0.05


def test_points_are_fractions_of_the_image(detector: DlibDetector, photos: tuple[np.ndarray, np.ndarray]) -> None:
    photo = photos[0]
    wide = np.pad(photo, ((0, 0), (0, photo.shape[1]), (0, 0)), mode="edge")
    np.testing.assert_allclose(detector.detect(wide) * (2, 1), detector.detect(photo), atol=0.02)


def test_finds_several_faces_the_middle_one_first(
    detector: DlibDetector, photos: tuple[np.ndarray, np.ndarray]
) -> None:
    neutral, smiling = (photo[64:448, 64:448] for photo in photos)
    # A strip on the left moves the middle of the image towards the left face.
    both = np.concatenate([neutral, smiling], axis=1)
    faces = detector.detect_all(np.pad(both, ((0, 0), (300, 0), (0, 0)), mode="edge"))
    assert len(faces) == 2
    assert faces[0][30, 0] < faces[1][30, 0]


def test_finds_a_small_face_in_the_enlarged_image(
    detector: DlibDetector, photos: tuple[np.ndarray, np.ndarray]
) -> None:
    small = np.asarray(Image.fromarray(photos[0]).resize((128, 128)))
    np.testing.assert_allclose(detector.detect(small), detector.detect(photos[0]), atol=0.03)


def test_a_large_image_is_shrunk_first(detector: DlibDetector, photos: tuple[np.ndarray, np.ndarray]) -> None:
    large = np.asarray(Image.fromarray(photos[0]).resize((2048, 2048)))
    np.testing.assert_allclose(detector.detect(large), detector.detect(photos[0]), atol=0.02)


def test_no_face(detector: DlibDetector) -> None:
    grey = np.full((100, 100, 3), 128, np.uint8)
    assert detector.detect_all(grey) == []
    with pytest.raises(NoFace, match="no face found"):
        detector.detect(grey)
    assert issubclass(NoFace, ItemError)


def test_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(UserError, match=r"pip install 'scgan\[landmarks\]'"):
        DlibDetector()
