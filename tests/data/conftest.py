"""Fixtures of the tests of data."""

from __future__ import annotations

from pathlib import Path

import pytest

from photo_folder import CLASSES, PhotoFolder


@pytest.fixture
def data(tmp_path: Path) -> PhotoFolder:
    """Four photos with index masks of four classes."""
    data = PhotoFolder(tmp_path)
    data.write("classes.json", CLASSES)
    return data
