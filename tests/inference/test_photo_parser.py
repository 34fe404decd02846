"""Networks of the user's that find masks: classes by name, range of the input, files that cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scgan.inference.photo_parser import PhotoParser, match_classes
from scgan.schema import Schema
from scgan.utils.errors import UserError
from tflite_files import write_network

pytest.importorskip("ai_edge_litert", reason="the extra parser is not installed")

SCHEMA = Schema(32, ("background", "Upper clothes", "skin"), ((0, 0, 0), (1, 1, 1), (2, 2, 2)))
RED_BLUE = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1]], np.float32)
HALF = np.array([0.5, 0, 0], np.float32)
BY_NUMBER = ["0=background", "1=upper-clothes", "2=skin"]


def photo(*colors: tuple[int, int, int], height: int = 40, width: int = 20) -> NDArray[np.uint8]:
    """Make a photo of vertical stripes."""
    return np.stack([np.full((height, width, 3), color, np.uint8) for color in colors], axis=1).reshape(height, -1, 3)


def test_masks_have_the_classes_of_the_model(tmp_path: Path) -> None:
    file = write_network(tmp_path / "a.tflite", RED_BLUE, HALF)
    parser = PhotoParser(file, ["0=background", "1=skin", "2=upper-clothes"], SCHEMA)
    mask = parser.segment(photo((0, 90, 0), (255, 0, 0), (0, 0, 255), (60, 0, 60)))
    assert mask.shape == (40, 80) and mask.dtype == np.uint8
    assert [set(mask[:, column].tolist()) for column in (8, 30, 50, 72)] == [{0}, {2}, {1}, {0}]


def test_names_come_from_the_file(tmp_path: Path) -> None:
    labels = ("Background", "clothes", "SKIN")
    file = write_network(tmp_path / "a.tflite", RED_BLUE, HALF, labels=labels)
    with pytest.raises(UserError, match=r"the model has no class like clothes, its classes are background, Upper clo"):
        PhotoParser(file, [], SCHEMA)
    mask = PhotoParser(file, ["clothes=upper clothes"], SCHEMA).segment(photo((255, 0, 0), (0, 0, 255)))
    assert (mask[0, 3], mask[0, -3]) == (1, 2)


def test_the_range_of_the_input_comes_from_the_file(tmp_path: Path) -> None:
    """Without metadata 100 of 255 is 0.39, below the background's 0.5; by them it is 1."""
    grey = photo((100, 0, 0))
    plain = write_network(tmp_path / "a.tflite", RED_BLUE, HALF)
    assert PhotoParser(plain, BY_NUMBER, SCHEMA).segment(grey).max() == 0
    shifted = write_network(tmp_path / "b.tflite", RED_BLUE, HALF, normalization=(50, 50))
    assert PhotoParser(shifted, BY_NUMBER, SCHEMA).segment(grey).min() == 1
    broken = write_network(tmp_path / "c.tflite", RED_BLUE, HALF, normalization=(50, 0))
    with pytest.raises(UserError, match="its metadata are damaged"):
        PhotoParser(broken, BY_NUMBER, SCHEMA)


def test_a_single_class_is_a_probability(tmp_path: Path) -> None:
    file = write_network(tmp_path / "a.tflite", RED_BLUE[1:2], HALF[1:2], labels=("selfie",))
    mask = PhotoParser(file, ["selfie=skin"], SCHEMA).segment(photo((120, 0, 0), (140, 0, 0)))
    assert (mask[0, 0], mask[0, -1]) == (0, 2)
    logits = write_network(tmp_path / "b.tflite", 4 * RED_BLUE[1:2], HALF[1:2])
    with pytest.raises(UserError, match="has one class, but its output is no probability"):
        PhotoParser(logits, ["foreground=skin"], SCHEMA).segment(photo((120, 0, 0)))


def test_large_photos_get_smaller_masks(tmp_path: Path) -> None:
    file = write_network(tmp_path / "a.tflite", RED_BLUE, HALF)
    mask = PhotoParser(file, BY_NUMBER, SCHEMA).segment(photo((255, 0, 0), height=1500, width=3000))
    assert mask.shape == (512, 1024) and mask.min() == 1


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (["hair"], "--parser-classes hair: write CLASS=CLASS, like hair=background"),
        (["nose=skin"], "net has no class 'nose': its classes are hair, skin"),
        (["hair=nose"], "the model has no class 'nose': its classes are background, Upper clothes, skin"),
        (["hair=3"], "the model has no class '3'"),
        (["hair=skin", "Hair=0"], "--parser-classes names hair twice"),
        (["skin=2"], r"net: the model has no class like hair, .*--parser-classes hair=background"),
    ],
)
def test_classes_that_do_not_match(classes: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        match_classes(Path("net"), ["hair", "skin"], classes, SCHEMA)


def test_files_that_are_no_segmentation_network(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none.tflite cannot be read"):
        PhotoParser(tmp_path / "none.tflite", [], SCHEMA)
    text = tmp_path / "text.tflite"
    text.write_text("hello")
    with pytest.raises(UserError, match=r"text.tflite is no network that TensorFlow Lite can run"):
        PhotoParser(text, [], SCHEMA)
    whole = write_network(tmp_path / "a.tflite", RED_BLUE, HALF).read_bytes()
    text.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"text.tflite is no network that TensorFlow Lite can run"):
        PhotoParser(text, [], SCHEMA)
    gray = write_network(tmp_path / "b.tflite", np.full((3, 1), 1, np.float32), HALF)
    with pytest.raises(UserError, match=r"b.tflite is no network|has inputs .* expected one image"):
        PhotoParser(gray, BY_NUMBER, SCHEMA)
