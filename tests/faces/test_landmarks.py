"""68 points: their classes at hand-worked places, mirror images, files, scores, and detection in real photos."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.faces.detector import Detector, NoFace
from scgan.faces.expression import smile_score
from scgan.faces.landmarks import (
    FACE_CLASSES,
    FACE_COLORS,
    LEFT_EYE,
    LEFT_EYEBROW,
    RIGHT_EYE,
    RIGHT_EYEBROW,
    load_points,
    mirror,
)
from scgan.faces.mean_face import toy_landmarks
from scgan.faces.pose import yaw_score
from scgan.faces.rasterize import fill, forehead, rasterize
from scgan.utils.errors import ItemError, UserError

FACE = toy_landmarks(yaw=12, smile=0.5, mouth_open=0.8, tilt=6, scale=0.33)


def turned(points: np.ndarray, degrees: float, scale: float = 1.0, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return (points - 0.5) @ np.array([[cos, sin], [-sin, cos]]) * scale + 0.5 + np.array(shift)


class TestFill:
    def test_square_takes_the_pixels_whose_centres_it_holds(self) -> None:
        # From 1.6 to 4.4 pixels of 8: the centres 2.5 and 3.5 lie inside.
        corners = np.array([(1.6, 1.6), (4.4, 1.6), (4.4, 4.4), (1.6, 4.4)]) / 8
        expected = np.zeros((8, 8), bool)
        expected[2:4, 2:4] = True
        np.testing.assert_array_equal(fill(corners, 8), expected)
        np.testing.assert_array_equal(fill(corners[::-1], 8), expected)

    def test_triangle(self) -> None:
        # Below the diagonal x < y: pixel (row, column) lies inside where column < row.
        corners = np.array([(0.001, 0.0), (1.001, 1.0), (0.001, 1.0)]) - (0.002, 0)
        np.testing.assert_array_equal(fill(corners, 6), np.tri(6, k=-1, dtype=bool))

    def test_two_turns_around_a_pixel_are_inside(self) -> None:
        square = np.array([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)])
        assert fill(np.concatenate([square, square]), 10)[5, 5]

    def test_parts_outside_are_cut_off(self) -> None:
        assert fill(np.array([(-1, -1), (3, -1), (3, 3), (-1, 3)]), 5).all()
        assert fill(np.array([(-1, 0.4), (3, 0.4), (3, 0.6), (-1, 0.6)]), 5).sum() == 5
        for shift in ((2, 0), (-2, 0), (0, 2), (0, -2)):
            assert not fill(np.array([(0, 0), (1, 0), (1, 1)]) + shift, 5).any()


class TestRasterize:
    @pytest.mark.parametrize("size", [32, 64, 128, 256])
    def test_classes_lie_where_the_points_are(self, size: int) -> None:
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

    def test_every_class_occurs_and_is_one_of_seven(self) -> None:
        assert np.unique(rasterize(FACE, 64)).tolist() == list(range(len(FACE_CLASSES))) == list(range(7))
        assert len(FACE_COLORS) == len(set(FACE_COLORS)) == 7

    def test_closed_mouth_is_nearly_empty(self) -> None:
        closed, opened = (rasterize(toy_landmarks(mouth_open=wide), 128) for wide in (0.0, 1.0))
        mouth = FACE_CLASSES.index("mouth")
        assert (closed == mouth).sum() < 0.15 * (opened == mouth).sum()

    def test_whole_pixels_of_motion_move_the_mask_by_whole_pixels(self) -> None:
        mask = rasterize(FACE.astype(np.float64), 64)
        moved = rasterize(FACE + np.array([3, -2]) / 64, 64)
        assert (moved[:-2, 3:] != mask[2:, :-3]).sum() <= 2

    def test_a_small_motion_changes_few_pixels_and_a_smaller_one_fewer(self) -> None:
        mask = rasterize(FACE, 128)
        changes = [(rasterize(FACE + shift / 128, 128) != mask).sum() for shift in (0.02, 0.1, 0.5)]
        assert changes[0] < changes[1] < changes[2]
        assert changes[0] < 20

    def test_a_quarter_turn_turns_the_mask(self) -> None:
        quarter = np.stack([1 - FACE[:, 1], FACE[:, 0]], axis=1)
        assert (rasterize(quarter, 128) != np.rot90(rasterize(FACE, 128), -1)).sum() <= 12

    def test_mirrored_points_give_the_mirrored_mask(self) -> None:
        for size in (64, 128):
            assert (rasterize(mirror(FACE), size) != rasterize(FACE, size)[:, ::-1]).sum() <= 4

    def test_the_eyebrow_is_as_thick_as_the_face_is_large(self) -> None:
        small, large = (rasterize(toy_landmarks(scale=scale), 256) for scale in (0.15, 0.3))
        eyebrows = FACE_CLASSES.index("eyebrows")
        assert (large == eyebrows).sum() == pytest.approx(4 * (small == eyebrows).sum(), rel=0.1)

    def test_points_outside_are_fine(self) -> None:
        assert not rasterize(FACE + 3, 64).any()
        assert rasterize(FACE + 0.4, 64).any()

    def test_bad_points_are_refused(self) -> None:
        broken = FACE.copy()
        broken[13, 1] = np.nan
        with pytest.raises(UserError, match="landmark 13 is not a finite number"):
            rasterize(broken, 64)
        with pytest.raises(UserError, match=r"68 landmarks.*\(67, 2\)"):
            rasterize(FACE[1:], 64)


class TestMirror:
    def test_twice_is_nothing(self) -> None:
        np.testing.assert_allclose(mirror(mirror(FACE)), FACE, atol=1e-6)

    def test_a_frontal_face_is_its_own_mirror_image(self) -> None:
        frontal = toy_landmarks()
        np.testing.assert_allclose(mirror(frontal), frontal, atol=1e-6)

    def test_takes_stacks(self) -> None:
        stack = np.stack([FACE, toy_landmarks()])
        np.testing.assert_array_equal(mirror(stack)[0], mirror(FACE))


class TestLoadPoints:
    @pytest.mark.parametrize("wrapped", [False, True])
    def test_reads_a_list_alone_or_named(self, tmp_path: Path, wrapped: bool) -> None:
        values = FACE.tolist()
        file = tmp_path / "face.json"
        file.write_text(json.dumps({"landmarks": values} if wrapped else values))
        points = load_points(file)
        assert points.dtype == np.float32
        np.testing.assert_allclose(points, FACE)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[[0.1, 0.2", "is not JSON"),
            ("\xff", "is not JSON"),
            ("[[0.1, 0.2]]", "68 landmarks .*not a list of 1"),
            ('{"points": []}', 'no "landmarks"'),
            ("3", "68 landmarks .*not int"),
            (json.dumps([[0.1, 0.2]] * 67 + [[0.1, "x"]]), "landmark 67 must be two numbers"),
            (json.dumps([[0.1, True]] * 68), "landmark 0 must be two numbers"),
            (json.dumps([[0.1]] * 68), "landmark 0 must be two numbers"),
            (json.dumps([[0.1, float("nan")]] * 68), "landmark 0 must be two numbers"),
            (json.dumps([[0.1, 10**400]] * 68), "landmark 0 must be two numbers"),
            (json.dumps([[90, 110]] * 68), "looks like pixels.*between 0 and 1"),
        ],
    )
    def test_refuses(self, tmp_path: Path, text: str, message: str) -> None:
        file = tmp_path / "face.json"
        file.write_text(text, encoding="latin1")
        with pytest.raises(UserError, match=message) as caught:
            load_points(file)
        assert str(file) in str(caught.value)

    def test_names_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match=r"none\.json cannot be read"):
            load_points(tmp_path / "none.json")


class TestScores:
    def test_yaw_follows_the_nose(self) -> None:
        scores = [yaw_score(toy_landmarks(yaw=yaw)) for yaw in (-28, -15, 0, 15, 28)]
        assert scores == sorted(scores)
        assert scores[2] == pytest.approx(0, abs=1e-6)
        assert scores[4] == pytest.approx(-scores[0], abs=1e-6)
        assert 0.5 < scores[4] < 1

    def test_smile_grows(self) -> None:
        scores = [smile_score(toy_landmarks(smile=smile)) for smile in (-0.3, 0, 0.5, 1)]
        assert scores == sorted(scores)
        assert scores[1] == pytest.approx(0.8, abs=0.05)
        assert scores[3] == pytest.approx(1.0, abs=0.05)

    def test_position_size_and_tilt_do_not_matter(self) -> None:
        moved = turned(FACE, 33, scale=0.6, shift=(0.2, -0.1))
        assert yaw_score(moved) == pytest.approx(yaw_score(FACE), abs=1e-5)
        assert smile_score(moved) == pytest.approx(smile_score(FACE), abs=1e-5)


@pytest.fixture(scope="module")
def detector() -> Detector:
    pytest.importorskip("dlib")
    return Detector()


@pytest.fixture(scope="module")
def photos(shared_data: Path) -> tuple[np.ndarray, np.ndarray]:
    neutral, smiling = (sorted((shared_data / "london" / name).glob("*.jpg"))[0] for name in ("neutral", "smiling"))
    return np.asarray(Image.open(neutral).convert("RGB")), np.asarray(Image.open(smiling).convert("RGB"))


class TestDetector:
    def test_finds_the_face(self, detector: Detector, photos: tuple[np.ndarray, np.ndarray]) -> None:
        neutral, smiling = (detector.detect(photo) for photo in photos)
        assert neutral.shape == (68, 2)
        assert neutral.dtype == np.float32
        assert 0.3 < neutral[LEFT_EYE, 0].mean() < neutral[30, 0] < neutral[RIGHT_EYE, 0].mean() < 0.7
        assert neutral[27, 1] < neutral[51, 1] < neutral[8, 1]
        assert abs(yaw_score(neutral)) < 0.15
        assert smile_score(smiling) > smile_score(neutral) + 0.05

    def test_points_are_fractions_of_the_picture(
        self, detector: Detector, photos: tuple[np.ndarray, np.ndarray]
    ) -> None:
        photo = photos[0]
        wide = np.pad(photo, ((0, 0), (0, photo.shape[1]), (0, 0)), mode="edge")
        np.testing.assert_allclose(detector.detect(wide) * (2, 1), detector.detect(photo), atol=0.02)

    def test_tells_several_faces_and_puts_the_middle_one_first(
        self, detector: Detector, photos: tuple[np.ndarray, np.ndarray]
    ) -> None:
        neutral, smiling = (photo[64:448, 64:448] for photo in photos)
        # A strip on the left moves the middle of the picture towards the left face.
        both = np.concatenate([neutral, smiling], axis=1)
        faces = detector.detect_all(np.pad(both, ((0, 0), (300, 0), (0, 0)), mode="edge"))
        assert len(faces) == 2
        assert faces[0][30, 0] < faces[1][30, 0]

    def test_finds_a_small_face_in_the_enlarged_picture(
        self, detector: Detector, photos: tuple[np.ndarray, np.ndarray]
    ) -> None:
        small = np.asarray(Image.fromarray(photos[0]).resize((128, 128)))
        np.testing.assert_allclose(detector.detect(small), detector.detect(photos[0]), atol=0.03)

    def test_a_large_picture_is_made_smaller_first(
        self, detector: Detector, photos: tuple[np.ndarray, np.ndarray]
    ) -> None:
        large = np.asarray(Image.fromarray(photos[0]).resize((2048, 2048)))
        np.testing.assert_allclose(detector.detect(large), detector.detect(photos[0]), atol=0.02)

    def test_no_face(self, detector: Detector) -> None:
        grey = np.full((100, 100, 3), 128, np.uint8)
        assert detector.detect_all(grey) == []
        with pytest.raises(NoFace, match="no face found"):
            detector.detect(grey)
        assert issubclass(NoFace, ItemError)

    def test_missing_packages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "dlib", None)
        with pytest.raises(UserError, match=r"pip install 'scgan\[landmarks\]'"):
            Detector()


def test_importing_is_light() -> None:
    code = "import sys, scgan.faces.landmarks; sys.exit(bool({'dlib', 'torch', 'h5py', 'scipy'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)
