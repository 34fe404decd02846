"""Short run of ``benchmarks/scale.py``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from scgan.data.prepared import PreparedDataset


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="the script reads /proc")
def test_table_and_sparse_folder(
    load_benchmark: Callable[[str], ModuleType], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--sizes", "5000@32", "--real-rows=8", "--measures", "open", "--out", str(tmp_path)]
    load_benchmark("scale").main(options)
    row = capsys.readouterr().out.splitlines()[2]
    assert row.startswith("| 5,000 at 32 | ") and row.count("|") == 3
    dataset = PreparedDataset.open(tmp_path / "5000-32", recheck=True)
    assert len(dataset) == 5000 and dataset.images[7].any() and not np.asarray(dataset.images[8:]).any()
    assert [len(dataset.rows_of(split)) for split in ("train", "validation", "test")] == [4000, 500, 500]
    assert (dataset.path / "images.npy").stat().st_blocks * 512 < 10**6
