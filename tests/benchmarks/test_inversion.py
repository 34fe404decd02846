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
    Image.new("RGB", (160, 160)).save(tmp_path / "none.png")
    options = [
        "--steps=1",
        "--correction-steps=1",
        "--work",
        str(tmp_path / "work"),
        "--out",
        str(tmp_path / "sheet.png"),
    ]
    photos = [str(tmp_path / "face.png"), str(tmp_path / "none.png")]
    outputs = []
    for _ in range(2):  # the second run reads what the first one measured
        load_benchmark("inversion").main([str(tiny_model), *photos, *options])
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    lines = outputs[0].splitlines()
    assert lines[0] == "1 photos, 1 refused"
    cells = {line.split(" | ")[0].strip("| "): line.split(" | ")[1:] for line in lines[3:]}
    assert {f"features, {stage}" for stage in ("start", "latent", "corrected")} <= cells.keys()
    assert cells["background pixels"] == ["0", "0 to 0", "1 |"]
    assert (tmp_path / "sheet.png").is_file()
