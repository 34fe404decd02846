"""Tests of the list of metrics: tables and summaries follow from it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from painted_models import Painter, PixelGrader, SquareGrader, dataset, pixel_features
from scgan.evaluation.evaluate import evaluate
from scgan.evaluation.measures import METRICS, PARTS, key_scores, read_all, score_table
from scgan.evaluation.scores import Scores
from scgan.faces.landmarks import Points
from scgan.faces.mean_face import toy_landmarks


class MeanFaceDetector:
    """Finds the mean face in every image."""

    name = "mean face"

    def detect_all(self, image: NDArray[np.uint8]) -> list[Points]:
        return [toy_landmarks()]


@pytest.fixture
def scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scores:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return evaluate(
        Painter(),
        replace(dataset(), landmarks=np.stack([toy_landmarks()] * 30)),
        SquareGrader(),
        1,
        attribute_grader=PixelGrader(),
        features=[pixel_features([])],
        detector=MeanFaceDetector(),
    )


def test_every_metric_has_a_place_of_its_own_and_a_part() -> None:
    assert len({metric.path for metric in METRICS}) == len(METRICS)
    assert sorted(metric.path for part in PARTS.values() for metric in part) == sorted(m.path for m in METRICS)
    assert {metric.better for metric in METRICS} <= {"higher", "lower", ""}


def test_every_metric_is_measured_and_has_a_row(scores: Scores) -> None:
    json.dumps(scores, allow_nan=False)
    assert {part["seed"] for part in scores.values()} == {1}
    assert {score.metric.path for score in read_all(scores)} == {metric.path for metric in METRICS}
    table = score_table(scores)
    assert table.header == ("", "floor", "model", "real images", "normalised")
    assert {len(row) for row in table.rows} == {5}
    expected = [
        "mask accuracy ↑",
        "mean IoU ↑",
        "IoU of background ↑",
        "IoU of thing ↑",
        "landmark error ↓",
        "faces not found ↓",
        "latent diversity ↑",
        "attribute accuracy ↑",
        *(f"accuracy of {name} ↑" for name in ("bright", "warm", "color")),
        "effect of an attribute ↑",
        "leakage into other attributes ↓",
        "leakage into the background ↓",
        "change of the foreground",
        "kernel distance (pixels) ↓",
        "Fréchet distance (pixels) ↓",
        "precision (pixels) ↑",
        "recall (pixels) ↑",
        "pair distance (pixels)",
        "distance to the nearest training image (pixels)",
        "color step at the outline",
    ]
    assert [row[0] for row in table.rows if row[0] in expected] == expected
    assert table.rows[0][2].startswith("1.0000 [")
    assert "judged by squares" in table.caption and "Floor: " in table.caption and "Ceiling: " in table.caption


def test_fewer_images_than_features_cast_doubt_on_the_frechet_distance(scores: Scores) -> None:
    scores["realism"]["pixels"]["feature_count"] = 1280
    titles = [score.title for score in read_all(scores)]
    assert "Fréchet distance (pixels), fewer images than features" in titles


def test_features_that_the_training_used_are_marked(scores: Scores) -> None:
    scores["realism"]["pixels"]["used_in_training"] = "--spade.perceptual"
    titles = {score.title for score in read_all(scores)}
    marked = {f"{title} (pixels), which the training used" for title in ("kernel distance", "precision", "recall")}
    assert titles >= marked | {"Fréchet distance (pixels), which the training used"}


def test_distances_of_inception_have_their_usual_names(scores: Scores) -> None:
    scores["realism"]["inception"] = scores["realism"].pop("pixels")
    assert {"FID", "KID"} <= {score.title for score in read_all(scores)}


def test_key_scores_leave_out_unmeasured_metrics(scores: Scores) -> None:
    titles = [title for title, _ in key_scores(scores)]
    assert titles == ["latent diversity", "attribute accuracy (normalised)"]  # all masks are alike: no mask accuracy
    accuracy = {"spatial": {"pixel_accuracy": {"normalised": 0.91234}}}
    assert key_scores(accuracy) == [("mask accuracy (normalised)", "0.912")]
    assert key_scores({}) == []
