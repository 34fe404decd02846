"""Search, training and loading of graders."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.graders.find import load_or_train_attribute_grader, load_or_train_grader
from scgan.schema import Schema, colorize
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError

STEPS = 50


def dataset(attributes: tuple[str, ...] = ("bright", "tall")) -> PreparedDataset:
    """Draw rectangles, bright or dark, tall or wide."""
    random = np.random.default_rng(0)
    count, schema = 160, Schema(32, ("background", "thing"), ((0, 0, 60), (120, 60, 0)), attributes)
    masks = np.zeros((count, 32, 32), np.uint8)
    attribute_rows = random.integers(0, 2, (count, len(attributes))).astype(np.float32)
    for mask, row in zip(masks, random.integers(0, 2, (count, 2)) if not attributes else attribute_rows, strict=True):
        y, x = random.integers(0, 8, 2)
        height, width = (22, 8) if row[1] else (8, 22)
        mask[y : y + height, x : x + width] = 1
    images = colorize(masks, schema)
    if attributes:
        images = np.where(attribute_rows[:, 0, None, None, None] > 0, images + 100, images).astype(np.uint8)
    splits = ItemSplits.of(("train",) * 120 + ("test",) * 40)
    names = tuple(map(str, range(count)))
    return PreparedDataset(Path("things"), schema, images, masks, attribute_rows, None, names, splits, "f" * 16, {})


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cache with both graders of the data set above, trained for a few steps."""
    folder = tmp_path_factory.mktemp("graders")
    load_or_train_grader(dataset(), cache=folder, steps=STEPS)
    load_or_train_attribute_grader(dataset(), cache=folder, steps=STEPS)
    return folder


def test_a_grader_of_masks_is_trained_once_and_learns_them(cache: Path) -> None:
    data = dataset()
    times = [file.stat().st_mtime_ns for file in sorted(cache.rglob("*"))]
    grader = load_or_train_grader(data, cache=cache, steps=STEPS)
    rows = data.split("test")
    assert (grader.segment(data.images[rows]) == data.segmentations[rows]).mean() > 0.95
    assert len(list(cache.iterdir())) == 2
    again = load_or_train_grader(data, cache=cache, steps=STEPS)
    np.testing.assert_array_equal(again.segment(data.images[rows]), grader.segment(data.images[rows]))
    assert again.name == grader.name == f"unet16-{STEPS} {'f' * 16}"
    assert [file.stat().st_mtime_ns for file in sorted(cache.rglob("*"))] == times


def test_a_grader_of_attributes_learns_them(cache: Path) -> None:
    data = dataset()
    grader = load_or_train_attribute_grader(data, cache=cache, steps=STEPS)
    rows = data.split("test")
    correct = (grader.probabilities(data.images[rows]) > 0.5) == (data.attributes[rows] > 0.5)
    assert correct.mean(0).min() > 0.85
    assert grader.probabilities(data.images[:0]).shape == (0, 2)


def test_without_attributes_there_is_nothing_to_judge(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no attributes"):
        load_or_train_attribute_grader(dataset(()), cache=tmp_path)


def test_a_damaged_or_unfitting_grader_is_refused(cache: Path, tmp_path: Path) -> None:
    trained = tmp_path / "grader"
    with pytest.raises(UserError, match=r"is damaged or not a grader's folder .* remove it"):
        load_or_train_grader(dataset(), grader=trained)
    shutil.copytree(next(cache.glob("*unet*")), trained)
    other = dataset()
    object.__setattr__(other, "schema", Schema(32, ("background", "sky"), distinct_colors(2), ("bright", "tall")))
    with pytest.raises(UserError, match="only things has sky"):
        load_or_train_grader(other, grader=trained)
    (trained / "grader.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match="is damaged or not a grader's folder"):
        load_or_train_grader(dataset(), grader=trained)
