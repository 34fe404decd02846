"""Short version of tools/flip_bytes.py: no flipped byte is used silently."""

from __future__ import annotations

import importlib.util
import random
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tiny_runs import one_thread, tiny, whole  # noqa: F401

TOOL = Path(__file__).parents[1] / "tools" / "flip_bytes.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("flip_bytes", TOOL)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # annotations look there
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("kind", "count"), [("prepared", 16), ("model", 24), ("run", 8)])
def test_no_flipped_byte_is_used_silently(
    tool: ModuleType, kind: str, count: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source = {"prepared": "toy_data", "model": "tiny_model", "run": "whole"}[kind]
    folder = Path(shutil.copytree(request.getfixturevalue(source), tmp_path / kind))
    read = getattr(tool, f"read_{kind}")
    flips = list(tool.flips(kind, folder, read, count, random.Random(0), keep_times=True))
    assert [flip for flip in flips if flip.result in tool.BAD] == []
    assert sum(flip.result in ("refused", "said") for flip in flips) > count / 3


def test_a_byte_that_is_used_silently_is_reported(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (flip,) = tool.flips("any", tmp_path, lambda folder: (folder / "file").read_bytes(), 1, random.Random(0))
    assert flip.result == "SILENT" and (tmp_path / "file").read_bytes() == b"abc"
    (flip,) = tool.flips(
        "any", tmp_path, lambda folder: {b"abc": 1}[(folder / "file").read_bytes()], 1, random.Random(0)
    )
    assert flip.result == "TRACEBACK"
