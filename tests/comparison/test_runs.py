"""Finished runs of comparisons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from doc_commands import DOCS
from scgan.comparison.runs import find_finished
from scgan.recipes import read_config

COMPARISONS = sorted(file.parent for file in (DOCS / "results").glob("*/results.json"))


def test_there_are_comparisons() -> None:
    assert [folder.name for folder in COMPARISONS] == ["faces32", "fashion32"]


@pytest.mark.parametrize("folder", COMPARISONS, ids=lambda folder: str(folder.name))
def test_every_finished_run_is_found_by_its_own_configuration(folder: Path) -> None:
    """A rename of a setting must rename the folders too, or everything would be trained again."""
    files = sorted((folder / "finished").glob("*/result.json"))
    assert files
    for file in files:
        result = json.loads(file.read_text(encoding="utf-8"))
        finished = find_finished(folder, read_config(result["config"], str(file)), result["data_fingerprint"])
        assert finished is not None and finished.folder == file.parent


@pytest.mark.parametrize("folder", COMPARISONS, ids=lambda folder: str(folder.name))
def test_the_results_name_runs_that_are_there(folder: Path) -> None:
    variants = json.loads((folder / "results.json").read_text(encoding="utf-8"))["variants"]
    for variant in variants.values():
        for run, result in zip(variant["runs"], variant["results"], strict=True):
            finished = json.loads((folder / "finished" / run / "result.json").read_text(encoding="utf-8"))
            assert (finished["config"], finished["scores"]) == (result["config"], result["scores"])
