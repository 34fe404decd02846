"""Evaluation of models whose scores are known: an oracle, one that ignores its mask, one that ignores its latent."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scgan.cli import main
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.evaluate import evaluate, table
from scgan.evaluation.scores import SEEDS_APART
from scgan.schema import Schema, colorize
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError

SCHEMA = Schema(32, ("background", "sky", "sea", "gold"), distinct_colors(4), ("bright",))


def blobs(count: int, seed: int) -> NDArray[np.uint8]:
    """Masks of two rectangles at random places; the last class never occurs."""
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
        splits=("train",) * 10 + ("test",) * (count - 10),
        fingerprint="0123456789abcdef",
        source={},
    )


class Grader:
    """Reads classes back from their colours: it is never wrong."""

    name = "colours"

    def segment(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        colors = np.asarray(SCHEMA.class_colors, np.int64)
        return np.abs(images[..., None, :] - colors).sum(-1).argmin(-1).astype(np.uint8)


class Model:
    """Paints with ``paint(segmentation, latent)``."""

    schema = SCHEMA
    fingerprint = "0123456789abcdef"
    latent_size = 2
    step = 30

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


def deaf(segmentation: NDArray[np.uint8], latent: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Other blobs than the ones asked for."""
    return colorize(blobs(len(segmentation), seed=99), SCHEMA)


def moody(segmentation: NDArray[np.uint8], latent: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The latent's sign makes the background black or dark grey: 51 / 255 = 0.2 apart when signs differ."""
    image = oracle(segmentation, latent)
    image[segmentation == 0] = np.where(latent[:, 0] > 0, 51, 0).repeat((segmentation == 0).sum((1, 2)))[:, None]
    return image


def test_an_oracle_reaches_the_ceiling() -> None:
    scores = evaluate(Model(oracle), dataset(), Grader(), seed=0)
    spatial = scores["spatial"]
    for values in (spatial["pixel_accuracy"], spatial["mean_iou"], spatial["per_class_iou"]["sea"]):
        assert values["model"] == values["ceiling"] == values["normalised"] == 1
        assert values["interval"]["normalised"] == [1, 1]
        assert values["floor"] < 0.8
        low, high = values["interval"]["floor"]
        assert low < values["floor"] < high
    assert scores["diversity"]["latent_background"] == 0
    assert spatial["images"] == scores["diversity"]["images"] == 30
    assert spatial["grader"] == "colours"
    assert spatial["data"] == scores["diversity"]["data"] == "0123456789abcdef"


def test_the_floor_is_the_agreement_of_shuffled_masks() -> None:
    from scgan.evaluation.metrics import derangement

    data = dataset()
    masks = data.segmentations[10:]
    by_hand = (masks == masks[derangement(30, 5)]).mean()
    assert evaluate(Model(oracle), data, Grader(), seed=5)["spatial"]["pixel_accuracy"]["floor"] == pytest.approx(
        by_hand, abs=1e-6
    )


def test_a_model_that_ignores_its_mask_is_at_the_floor() -> None:
    scores = evaluate(Model(deaf), dataset(400), Grader(), seed=0)
    assert scores["spatial"]["pixel_accuracy"]["normalised"] == pytest.approx(0, abs=0.1)
    assert scores["spatial"]["mean_iou"]["normalised"] == pytest.approx(0, abs=0.1)


def test_a_class_that_never_occurs_is_left_out() -> None:
    scores = evaluate(Model(oracle), dataset(), Grader(), seed=0)
    gold = scores["spatial"]["per_class_iou"]["gold"]
    assert gold["model"] is None
    assert gold["interval"]["model"] == [None, None]
    json.dumps(scores, allow_nan=False)


def test_the_latents_effect_by_hand() -> None:
    model = Model(moody)
    scores = evaluate(model, dataset(), Grader(), seed=3)["diversity"]
    rows = np.sort(np.random.default_rng(3).permutation(np.arange(10, 40)))
    background = (dataset().segmentations[rows] == 0).sum((1, 2))
    signs = model.sample_latent(60, 3 * SEEDS_APART)[:, 0] > 0
    by_hand = 0.2 * (background * (signs[:30] != signs[30:])).sum() / background.sum()
    assert scores["latent_background"] == pytest.approx(by_hand, abs=1e-6)
    low, high = scores["interval"]["latent_background"]
    assert low < by_hand < high


def test_the_same_seed_gives_the_same_scores() -> None:
    assert evaluate(Model(moody), dataset(), Grader(), 4) == evaluate(Model(moody), dataset(), Grader(), 4)


def test_other_classes_are_refused_by_name() -> None:
    other = Schema(32, ("background", "sky", "sea", "silver"), distinct_colors(4), ("bright",))
    with pytest.raises(UserError, match=r"the model has gold; only blobs has silver"):
        evaluate(Model(oracle), dataset(schema=other), Grader())


def test_too_few_test_items_are_refused() -> None:
    with pytest.raises(UserError, match="1 item in its test split"):
        evaluate(Model(oracle), dataset(11), Grader())
    with pytest.raises(UserError, match="no items in its test split"):
        evaluate(Model(oracle), dataset(10), Grader())


def test_the_table_has_a_row_for_each_score() -> None:
    header, rows = table(evaluate(Model(oracle), dataset(), Grader()))
    assert header == ("", "floor", "model", "ceiling", "normalised")
    assert [row[0] for row in rows][:4] == ["pixel accuracy", "mean IoU", "IoU of background", "IoU of sky"]
    assert rows[0][2].startswith("1.0000 [")
    assert rows[5] == ("IoU of gold", "–", "–", "–", "–")
    assert {len(row) for row in rows} == {5}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> PreparedDataset:
    """Makes the command find the blobs, the oracle and the grader above."""
    import scgan.graders.find
    import scgan.inference.synthesizer

    data = dataset()
    monkeypatch.setattr(PreparedDataset, "open", lambda path: data)
    monkeypatch.setattr("scgan.models.find.find_model", Path)
    monkeypatch.setattr(scgan.graders.find, "find_grader", lambda kind, given, model, fingerprint: None)
    monkeypatch.setattr(scgan.inference.synthesizer, "load", lambda path, device: Model(oracle))
    monkeypatch.setattr(scgan.graders.find, "load_or_train_grader", lambda dataset, grader, device: Grader())
    return data


def test_command_prints_a_table_and_writes_the_scores(
    known: PreparedDataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.json"
    command = ["evaluate", "model", "--data", "blobs", "--seed", "2", "--out", str(out)]
    assert main(command) == 0
    assert "pixel accuracy" in capsys.readouterr().out
    assert json.loads(out.read_text()) == {**evaluate(Model(oracle), known, Grader(), seed=2), "step": 30}
    assert main(command) == 2
    assert "exists already" in capsys.readouterr().err
    assert main([*command, "--overwrite"]) == 0


def test_command_warns_of_other_data(
    known: PreparedDataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Model, "fingerprint", "another")
    assert main(["evaluate", "model", "--data", "blobs"]) == 0
    assert "model was trained on other data than blobs" in capsys.readouterr().err


@pytest.mark.parametrize(("count", "message"), [(11, "1 item in its test split"), (10, "no items in its test split")])
def test_command_refuses_too_few_test_items_before_a_grader_is_trained(
    count: int,
    message: str,
    known: PreparedDataset,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(PreparedDataset, "open", lambda path: dataset(count))
    monkeypatch.setattr("scgan.graders.find.load_or_train_grader", None)
    assert main(["evaluate", "model", "--data", "blobs"]) == 2
    assert message in capsys.readouterr().err


def test_command_refuses_other_classes_before_a_grader_is_trained(
    known: PreparedDataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Model, "schema", Schema(32, ("background", "sky"), distinct_colors(2), ("bright",)))
    monkeypatch.setattr("scgan.graders.find.load_or_train_grader", None)
    assert main(["evaluate", "model", "--data", "blobs"]) == 2
    assert "only blobs has sea, gold" in capsys.readouterr().err
