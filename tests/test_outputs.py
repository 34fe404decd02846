"""Outputs: beside and renamed, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.errors import UserError
from scgan.outputs import require_absent, written_file, written_folder


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    with written_file(path) as partial:
        partial.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="stop"), written_file(path) as partial:
        partial.write_text("half")
        raise RuntimeError("stop")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"]


def test_a_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    for content in ("first", "second"):
        with written_folder(path) as partial:
            (partial / content).write_text(content)
    assert [p.name for p in path.iterdir()] == ["second"]
    with pytest.raises(RuntimeError, match="stop"), written_folder(path) as partial:
        raise RuntimeError("stop")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a file that can be replaced"), written_file(tmp_path):
        pass


def test_what_exists_is_replaced_only_on_demand(tmp_path: Path) -> None:
    require_absent(tmp_path / "new", overwrite=False)
    require_absent(tmp_path, overwrite=True)
    with pytest.raises(UserError, match="--overwrite"):
        require_absent(tmp_path, overwrite=False)
