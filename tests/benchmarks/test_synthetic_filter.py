"""The table of docs/synthesize.md, with few images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


def test_the_table_has_a_row_for_each_jitter(
    load_benchmark: Callable[[str], ModuleType],
    tiny_model: Path,
    toy_data: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [str(tiny_model), "--data", str(toy_data), "--count", "8", "--jitters", "0", "1"]
    load_benchmark("synthetic_filter").main(words)
    still, moved = (line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[-2:])
    assert still[:2] == ["0", "0%"] and moved[0] == "1"
    for row in (still, moved):
        assert 0 < float(row[2]) < 1
