"""Short run of ``benchmarks/inversion.py``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image


def test_table_and_sheet(
    load_benchmark: Callable[[str], ModuleType],
    tiny_model: Path,
    shared_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for package in ("dlib", "efficientnet_lite_pytorch"):
        pytest.importorskip(package)
    source = next(iter(sorted((shared_data / "london" / "neutral").glob("*.jpg"))))
    with Image.open(source) as photo:
        photo.resize((160, 160)).save(tmp_path / "face.png")
    options = ["--steps=1", "--correction-steps=1", "--out", str(tmp_path / "sheet.png")]
    load_benchmark("inversion").main([str(tiny_model), str(tmp_path / "face.png"), *options])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| face | ") and lines[2].count("|") == lines[0].count("|")
    assert lines[2].split("|")[9].strip() == "0"
    assert (tmp_path / "sheet.png").is_file()
