"""Graders that learned for two steps, for tests of commands that need some grader."""

from __future__ import annotations

from pathlib import Path

from scgan.data.prepared import PreparedDataset
from scgan.graders.find import grader_cache
from scgan.graders.kinds import ATTRIBUTES, MASKS
from scgan.graders.training import train_grader


def cache_quick_graders(data: Path) -> None:
    """Put quickly trained graders of prepared data into the user's cache, where commands find them."""
    dataset = PreparedDataset.open(data)
    for kind in (MASKS, *([ATTRIBUTES] if dataset.schema.attribute_count else [])):
        folder = grader_cache(kind, dataset.fingerprint)
        if not folder.is_dir():
            train_grader(kind, dataset, folder, steps=2, batch_size=4)
