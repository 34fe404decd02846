"""Short run of ``benchmarks/edited_photos.py``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_images_and_measures(
    load_benchmark: Callable[[str], ModuleType],
    tiny_model: Path,
    shared_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for package in ("dlib", "efficientnet_lite_pytorch"):
        pytest.importorskip(package)
    monkeypatch.syspath_prepend(BENCHMARKS)
    source = next(iter(sorted((shared_data / "london" / "neutral").glob("*.jpg"))))
    with Image.open(source) as photo:
        photo.resize((160, 160)).save(tmp_path / "face.png")
    folders = ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")]
    script = load_benchmark("edited_photos")
    script.main([str(tiny_model), str(tmp_path / "face.png"), *folders, "--steps=1", "--correction-steps=1"])
    assert "face.jpg: features " in capsys.readouterr().out
    with Image.open(tmp_path / "out" / "face.jpg") as image:
        assert image.size == (7 * script.SIDE + 6 * 4, script.SIDE)
        assert "Edited by scgan" in image.getexif()[0x010E]
