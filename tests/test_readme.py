"""The README's commands and Python, run as written; only the names stand for small data, and the steps are capped."""

from __future__ import annotations

from pathlib import Path

import pytest

from doc_commands import ROOT, few_photos, run_page, run_python

README = ROOT / "README.md"


def test_commands_and_python_of_the_readme(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dlib", reason="dlib is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    few_photos(shared_data / "celeba-lfw", tmp_path / "path" / "to" / "CelebA")
    found = run_page(README)
    assert {words.split()[1] for words in found} >= {"prepare", "inspect", "train", "generate", "evaluate"}
    examples = len(list((tmp_path / "pictures" / "masks").glob("*.png")))
    assert len(list((tmp_path / "pictures" / "images").glob("*.png"))) == 4 * examples > 0

    (names,) = run_python(README)
    assert names["image"].shape == (64, 64, 3)  # type: ignore[attr-defined]
    assert names["images"].shape == (4, 64, 64, 3)  # type: ignore[attr-defined]
    assert names["pair"].shape == (2, 64, 64, 3)  # type: ignore[attr-defined]
