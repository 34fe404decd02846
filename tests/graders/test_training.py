"""Training of graders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.graders.folder import read_grader_description
from scgan.graders.kinds import ATTRIBUTES, MASKS
from scgan.graders.training import train_grader
from scgan.utils.errors import UserError


def test_too_few_items_are_refused_before_anything_is_written(toy_data: Path, tmp_path: Path) -> None:
    data = PreparedDataset.open(toy_data)
    data = replace(data, splits=ItemSplits.of(("train",) * 15 + ("test",) * 45))
    with pytest.raises(UserError, match=r"toys has 15 training items, but a grader needs at least 16: prepare"):
        train_grader(MASKS, data, tmp_path / "grader")
    assert not list(tmp_path.iterdir())


def test_only_the_finished_grader_remains(toy_data: Path, tmp_path: Path) -> None:
    data = PreparedDataset.open(toy_data)
    train_grader(ATTRIBUTES, data, tmp_path / "grader", steps=2, batch_size=4)
    assert [path.name for path in tmp_path.iterdir()] == ["grader"]
    description = read_grader_description(tmp_path / "grader")
    assert (description.step, description.fingerprint) == (2, data.fingerprint)
