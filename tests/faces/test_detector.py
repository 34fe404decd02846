"""Tests of the choice of a detector."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scgan.faces.detector import DETECTORS, choose_detector, shared_detector
from scgan.utils.errors import UserError


def hide(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)


def test_the_free_detector_comes_first() -> None:
    pytest.importorskip("onnxruntime")
    assert next(iter(DETECTORS)) == choose_detector() == "mediapipe"


def test_dlib_where_only_dlib_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dlib")
    hide(monkeypatch, "onnxruntime")
    assert choose_detector() == "dlib"
    with pytest.raises(UserError, match=r"mediapipe needs onnxruntime: pip install 'scgan\[onnx\]'"):
        choose_detector("mediapipe")


def test_without_any_the_free_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "onnxruntime", "dlib")
    with pytest.raises(UserError, match=r"finding faces in photos with mediapipe needs onnxruntime"):
        choose_detector()
    with pytest.raises(UserError, match=r"with dlib needs dlib: pip install 'scgan\[landmarks\]'"):
        shared_detector("dlib")


def test_a_detector_is_loaded_once() -> None:
    pytest.importorskip("onnxruntime")
    assert shared_detector() is shared_detector("mediapipe")
    assert shared_detector().name == "mediapipe"


def test_choosing_imports_no_detector() -> None:
    code = (
        "import sys; from scgan.faces.detector import choose_detector; choose_detector()\n"
        "sys.exit(bool({'dlib', 'onnxruntime', 'torch'} & set(sys.modules)))"
    )
    pytest.importorskip("onnxruntime")
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
