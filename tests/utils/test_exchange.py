"""Exchange of two names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scgan.utils.exchange import exchange


@pytest.mark.parametrize("system", [sys.platform, "win32"])
def test_two_folders_exchange_their_names(system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", system)
    one, other = tmp_path / "ä", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / folder.name).touch()
    exchange(one, other)
    assert (one / "other").exists() and (other / "ä").exists()
    assert len(list(tmp_path.rglob("*"))) == 4
