"""The experiment of docs/synthesize.md, with few steps and images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from scgan.data.prepared import PreparedDataset


@pytest.fixture(scope="module")
def benchmark(load_benchmark: Callable[[str], ModuleType]) -> ModuleType:
    return load_benchmark("synthetic_data")


def test_the_experiment_writes_its_table_and_reuses_results(
    benchmark: ModuleType,
    tiny_model: Path,
    toy_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    words = [str(tiny_model), "--data", str(toy_data), "--out", str(out), "--real", "6", "--synthetic", "20"]
    words += ["--steps", "2", "--seeds", "2", "--synthesize", "--min-mask-iou", "0"]
    benchmark.main(words)
    table = (out / "table.md").read_text().splitlines()
    assert [row.split(" | ")[0].strip("| ") for row in table[2:]] == ["synthetic", "6 real", "6 real + synthetic"]
    assert table[0].startswith("| 2 updates on | mean IoU | 95 % over test photos | range over seeds | background |")
    for row in table[2:]:
        assert 0 < float(row.split(" | ")[1]) < 1
    capsys.readouterr()
    times = {file: file.stat().st_mtime_ns for file in out.rglob("matrices.npy")}
    benchmark.main(words)
    assert len(times) == 6 and times == {file: file.stat().st_mtime_ns for file in out.rglob("matrices.npy")}
    assert capsys.readouterr().out.splitlines() == table


def test_photos_and_synthetic_images_are_half_of_the_rows_each(benchmark: ModuleType, toy_data: Path) -> None:
    data = PreparedDataset.open(toy_data)
    joined, rows = benchmark.training_set(data, data, benchmark.Arm(6, True), 0)
    assert len(joined) == 66 and len(rows) == 120
    assert np.bincount(rows)[:6].tolist() == [10] * 6 and np.bincount(rows)[6:].tolist() == [1] * 60
    train_photos = [data.images[row] for row in data.split("train")]
    assert all(any((image == photo).all() for photo in train_photos) for image in joined.images[:6])
