"""Mirror images and files of landmarks."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scgan.faces.landmarks import load_points, mirror
from scgan.faces.mean_face import toy_landmarks
from scgan.utils.errors import UserError

FACE = toy_landmarks(yaw=12, smile=0.5, mouth_open=0.8, tilt=6, scale=0.33)


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


def test_importing_is_light() -> None:
    code = "import sys, scgan.faces.landmarks; sys.exit(bool({'dlib', 'torch', 'h5py', 'scipy'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)
