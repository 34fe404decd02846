"""The measurements of docs/synthesize.md, cut short: they run to their tables, and find what was done before."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from quick_graders import cache_quick_graders
from scgan.data.prepared import PreparedDataset

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def load(name: str) -> ModuleType:
    """One of benchmarks/."""
    spec = importlib.util.spec_from_file_location(f"{name}_benchmark", BENCHMARKS / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and annotations look there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def quick_graders(toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graders that learned for two steps, in a cache of their own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache_quick_graders(toy_data)


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    return load("synthetic_data")


def test_it_runs_to_its_table_and_uses_what_is_done(
    benchmark: ModuleType,
    tiny_model: Path,
    toy_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    words = [str(tiny_model), "--data", str(toy_data), "--out", str(out), "--real", "6", "--synthetic", "20"]
    words += ["--steps", "2", "--seeds", "2", "--synthesize", "--min-agreement", "0"]
    benchmark.main(words)
    table = (out / "table.md").read_text().splitlines()
    assert [row.split(" | ")[0].strip("| ") for row in table[2:]] == ["synthetic", "6 real", "6 real + synthetic"]
    assert table[0].startswith("| 2 updates on | mean IoU | 95 % over test photos | range over seeds | background |")
    for row in table[2:]:
        assert 0 < float(row.split(" | ")[1]) < 1
    capsys.readouterr()
    monkeypatch.setattr(benchmark, "train", None)
    benchmark.main(words)
    assert capsys.readouterr().out.splitlines() == table


def test_both_are_half_of_what_is_seen(benchmark: ModuleType, toy_data: Path) -> None:
    data = PreparedDataset.open(toy_data)
    joined, rows = benchmark.training_set(data, data, benchmark.Arm(6, True), 0)
    assert len(joined) == 66 and len(rows) == 120
    assert np.bincount(rows)[:6].tolist() == [10] * 6 and np.bincount(rows)[6:].tolist() == [1] * 60
    train_photos = [data.images[row] for row in data.split("train")]
    assert all(any((image == photo).all() for photo in train_photos) for image in joined.images[:6])


def test_the_filter_is_measured_for_every_jitter(
    tiny_model: Path, toy_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load("synthetic_filter").main([str(tiny_model), "--data", str(toy_data), "--count", "8", "--jitters", "0", "1"])
    still, moved = (line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[-2:])
    assert still[:2] == ["0", "0%"] and moved[0] == "1"
    for row in (still, moved):
        assert 0 < float(row[2]) < 1
