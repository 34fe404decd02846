"""The README's commands and Python run as written, with small data and few steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from doc_commands import ROOT, few_photos, run_page, run_python

README = ROOT / "README.md"


def test_commands_and_python_of_the_readme(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    few_photos(shared_data / "celeba-lfw", tmp_path / "path" / "to" / "CelebA")
    lines = run_page(README)
    assert {line.split()[1] for line in lines} >= {"prepare", "inspect", "train", "generate", "evaluate"}
    examples = len(list((tmp_path / "generated" / "masks").glob("*.png")))
    assert len(list((tmp_path / "generated" / "images").glob("*.png"))) == 4 * examples > 0

    first, second = run_python(README)
    assert first["image"].shape == (128, 128, 3)  # type: ignore[attr-defined]
    assert second["images"].shape == (4, 128, 128, 3)  # type: ignore[attr-defined]
    assert second["pair"].shape == (2, 128, 128, 3)  # type: ignore[attr-defined]
