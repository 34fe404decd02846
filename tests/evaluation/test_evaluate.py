"""Tests of the evaluation: models whose scores are known, and a tiny model with real files."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scgan.data.items import ItemSplits
from scgan.data.prepare.prepare import prepare
from scgan.data.prepared import PreparedDataset
from scgan.data.sources.toyfaces import ToyFaces
from scgan.evaluation.evaluate import evaluate, evaluate_model, read_scores
from scgan.evaluation.metrics import derangement
from scgan.evaluation.scores import SEED_STRIDE
from scgan.models.folder import load_model, save_model
from scgan.schema import IGNORED, Schema, colorize
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError

SCHEMA = Schema(32, ("background", "sky", "sea", "gold"), distinct_colors(4), ("bright",))


def blobs(count: int, seed: int) -> NDArray[np.uint8]:
    """Make masks of two rectangles at random places; the last class never occurs."""
    random = np.random.default_rng(seed)
    masks = np.zeros((count, 32, 32), np.uint8)
    for mask in masks:
        for index in (1, 2):
            y, x = random.integers(0, 20, 2)
            mask[y : y + 12, x : x + 12] = index
    return masks


def dataset(count: int = 40, schema: Schema = SCHEMA) -> PreparedDataset:
    masks = blobs(count, seed=1)
    return PreparedDataset(
        path=Path("blobs"),
        schema=schema,
        images=colorize(masks, schema),
        segmentations=masks,
        attributes=np.zeros((count, schema.attribute_count), np.float32),
        landmarks=None,
        names=tuple(map(str, range(count))),
        splits=ItemSplits.of(("train",) * 10 + ("test",) * (count - 10)),
        fingerprint="0123456789abcdef",
        source={},
    )


class ColorGrader:
    """Reads classes back from their colors, without an error."""

    name = "colors"

    def segment(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        colors = np.asarray(SCHEMA.class_colors, np.int64)
        return np.abs(images[..., None, :] - colors).sum(-1).argmin(-1).astype(np.uint8)


class Model:
    """Model that paints with ``paint(segmentation, latent)``."""

    schema = SCHEMA
    fingerprint = "0123456789abcdef"
    latent_size = 2

    def __init__(self, paint: Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.uint8]]) -> None:
        self.paint = paint

    def sample_latent(self, count: int, seed: int) -> NDArray[np.float32]:
        return np.random.default_rng(seed).standard_normal((count, self.latent_size), np.float32)

    def generate(
        self, segmentation: NDArray[np.uint8], attributes: NDArray[np.float32], latent: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        assert len(segmentation) == len(attributes) == len(latent)
        return self.paint(segmentation, latent)


def oracle(segmentation: NDArray[np.uint8], latent: NDArray[np.float32]) -> NDArray[np.uint8]:
    return colorize(segmentation, SCHEMA)


def ignoring(segmentation: NDArray[np.uint8], latent: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Paint other blobs than the ones asked for."""
    return colorize(blobs(len(segmentation), seed=99), SCHEMA)


def varying(segmentation: NDArray[np.uint8], latent: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Paint the background black or dark grey by the latent's sign: 51 / 255 = 0.2 apart when signs differ."""
    image = oracle(segmentation, latent)
    image[segmentation == 0] = np.where(latent[:, 0] > 0, 51, 0).repeat((segmentation == 0).sum((1, 2)))[:, None]
    return image


def test_an_oracle_reaches_the_ceiling() -> None:
    scores = evaluate(Model(oracle), dataset(), ColorGrader(), seed=0)
    spatial = scores["spatial"]
    for values in (spatial["pixel_accuracy"], spatial["mean_iou"], spatial["per_class_iou"]["sea"]):
        assert values["model"] == values["ceiling"] == values["normalised"] == 1
        assert values["interval"]["normalised"] == [1, 1]
        assert values["floor"] < 0.8
        low, high = values["interval"]["floor"]
        assert low < values["floor"] < high
    assert scores["diversity"]["latent_background"] == 0
    assert spatial["images"] == scores["diversity"]["images"] == 30
    assert spatial["grader"] == "colors"
    assert spatial["data"] == scores["diversity"]["data"] == "0123456789abcdef"


def test_ignored_pixels_are_filled_for_the_model_and_left_out_of_scores() -> None:
    """The real images show another class where the masks are ignored."""
    data = dataset()
    data.images[:, 10:14] = SCHEMA.class_colors[3]
    data.segmentations[:, 10:14] = IGNORED
    data = replace(data, schema=replace(SCHEMA, ignored=True))

    def checked(segmentation: NDArray[np.uint8], latent: NDArray[np.float32]) -> NDArray[np.uint8]:
        assert segmentation.max() < 3
        return oracle(segmentation, latent)

    scores = evaluate(Model(checked), data, ColorGrader(), seed=0)
    assert scores["spatial"]["pixel_accuracy"]["model"] == scores["spatial"]["pixel_accuracy"]["ceiling"] == 1
    assert scores["spatial"]["per_class_iou"]["gold"]["ceiling"] is None


def test_the_floor_is_the_agreement_of_shuffled_masks() -> None:
    data = dataset()
    masks = data.segmentations[10:]
    by_hand = (masks == masks[derangement(30, 5)]).mean()
    assert evaluate(Model(oracle), data, ColorGrader(), seed=5)["spatial"]["pixel_accuracy"]["floor"] == pytest.approx(
        by_hand, abs=1e-6
    )


def test_a_model_that_ignores_its_mask_is_at_the_floor() -> None:
    scores = evaluate(Model(ignoring), dataset(400), ColorGrader(), seed=0)
    assert scores["spatial"]["pixel_accuracy"]["normalised"] == pytest.approx(0, abs=0.1)
    assert scores["spatial"]["mean_iou"]["normalised"] == pytest.approx(0, abs=0.1)


def test_a_class_that_never_occurs_is_left_out() -> None:
    scores = evaluate(Model(oracle), dataset(), ColorGrader(), seed=0)
    gold = scores["spatial"]["per_class_iou"]["gold"]
    assert gold["model"] is None
    assert gold["interval"]["model"] == [None, None]
    json.dumps(scores, allow_nan=False)


def test_latent_diversity_by_hand() -> None:
    model = Model(varying)
    scores = evaluate(model, dataset(), ColorGrader(), seed=3)["diversity"]
    rows = np.sort(np.random.default_rng(3).permutation(np.arange(10, 40)))
    background = (dataset().segmentations[rows] == 0).sum((1, 2))
    signs = model.sample_latent(60, 3 * SEED_STRIDE)[:, 0] > 0
    by_hand = 0.2 * (background * (signs[:30] != signs[30:])).sum() / background.sum()
    assert scores["latent_background"] == pytest.approx(by_hand, abs=1e-6)
    low, high = scores["interval"]["latent_background"]
    assert low < by_hand < high


def test_the_same_seed_gives_the_same_scores() -> None:
    assert evaluate(Model(varying), dataset(), ColorGrader(), 4) == evaluate(
        Model(varying), dataset(), ColorGrader(), 4
    )


def test_other_classes_are_refused_by_name() -> None:
    other = Schema(32, ("background", "sky", "sea", "silver"), distinct_colors(4), ("bright",))
    with pytest.raises(UserError, match=r"the model has gold; only blobs has silver"):
        evaluate(Model(oracle), dataset(schema=other), ColorGrader())


def test_too_few_test_items_are_refused() -> None:
    with pytest.raises(UserError, match="1 item in its test split"):
        evaluate(Model(oracle), dataset(11), ColorGrader())
    with pytest.raises(UserError, match="no items in its test split"):
        evaluate(Model(oracle), dataset(10), ColorGrader())


def test_every_image_of_the_split_is_generated_once() -> None:
    """Masks and realism are measured on the same images; only diversity needs others."""
    counts = []

    def counting(segmentation: NDArray[np.uint8], latent: NDArray[np.float32]) -> NDArray[np.uint8]:
        counts.append(len(segmentation))
        return oracle(segmentation, latent)

    evaluate(Model(counting), dataset(), ColorGrader())
    assert counts == [30, 30, 30]


@pytest.fixture(scope="module")
def other_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared folder with one item in its test split."""
    folder = tmp_path_factory.mktemp("other") / "toys"
    prepare(ToyFaces(10, 32, seed=3), folder, processes=1)
    return folder


def test_a_model_folder_with_a_given_grader(tiny_model: Path, toy_data: Path, tiny_graders: Path) -> None:
    pytest.importorskip("dlib")
    scores = evaluate_model(
        str(tiny_model),
        toy_data,
        grader=str(tiny_graders / "grader"),
        judge_attributes=True,
        attribute_grader=str(tiny_graders / "attribute-grader"),
        judge_landmarks=True,
        seed=2,
    )
    assert scores["step"] == 7
    assert list(scores) == ["spatial", "diversity", "landmarks", "attributes", "realism", "step"]
    assert scores["landmarks"]["missed"]["model"] == 1  # an untrained model draws no faces
    assert scores["spatial"]["images"] == 6 and scores["spatial"]["seed"] == 2
    assert scores["spatial"]["grader"].startswith("unet")


def test_other_data_give_a_warning(
    tiny_model: Path, tiny_graders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(ToyFaces(20, 32, seed=4), tmp_path / "others", processes=1)
    evaluate_model(str(tiny_model), tmp_path / "others", grader=str(tiny_graders / "grader"))
    error = " ".join(capsys.readouterr().err.split())
    assert f"{tiny_model} was trained on other data than {tmp_path / 'others'}" in error


def test_bad_data_are_refused_before_a_grader_is_trained(
    tiny_model: Path, toy_data: Path, other_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(UserError, match="1 item in its test split"):
        evaluate_model(str(tiny_model), other_data)
    model = load_model(tiny_model)
    names = ("background", "sky", *model.schema.class_names[2:])
    save_model(tmp_path / "model", model._replace(schema=replace(model.schema, class_names=names)))
    with pytest.raises(UserError, match=r"has sky; only .* has skin"):
        evaluate_model(str(tmp_path / "model"), toy_data)
    assert not (tmp_path / "cache" / "scgan" / "graders").exists()


def test_scores_of_a_run_come_before_those_of_its_model(tmp_path: Path) -> None:
    scores = evaluate(Model(oracle), dataset(), ColorGrader())
    assert read_scores(tmp_path, None) is None
    assert read_scores(tmp_path, scores) == scores
    (tmp_path / "scores.json").write_text(json.dumps({**scores, "step": 3}))
    assert read_scores(tmp_path, scores) == {**scores, "step": 3}


@pytest.mark.parametrize("content", ["{", "[]", '{"spatial": {}}', "3"])
def test_damaged_scores_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "scores.json").write_text(content)
    with pytest.raises(UserError, match=r"scores.json does not hold scores"):
        read_scores(tmp_path, None)
