"""Tests of reading scores back by metric."""

from __future__ import annotations

from scgan.evaluation.metrics import each_agreement, mean_agreement, quotient
from scgan.evaluation.scores import Metric, read_metric

ROW = {"floor": 0.2, "model": 0.5, "ceiling": 0.8, "normalised": 0.5, "interval": {"model": [0.45, 0.55]}}


def test_a_metric_with_floor_and_ceiling() -> None:
    (score,) = read_metric(
        Metric("attributes.accuracy", "attribute accuracy", mean_agreement), {"attributes": {"accuracy": ROW}}
    )
    assert score.heading == "attribute accuracy ↑"
    assert score.text("model") == "0.5000 [0.450, 0.550]" and score.text("floor") == "0.2000"
    assert score.text("real") == ""


def test_a_number_has_its_interval_beside_it() -> None:
    scores = {"diversity": {"change": 0.25, "interval": {"change": [0.2, None]}}}
    (score,) = read_metric(Metric("diversity.change", "change", quotient, "lower"), scores)
    assert (score.heading, score.text("model"), score.values) == ("change ↓", "0.2500", {"model": 0.25})
    (score,) = read_metric(Metric("diversity.change", "change", quotient), {"diversity": {"change": None}})
    assert score.text("model") == score.short(None) == "–"


def test_names_at_the_star() -> None:
    metric = Metric("a.*", "of {}", each_agreement, titles={"y": "Y"})
    assert [score.title for score in read_metric(metric, {"a": {"x": ROW, "y": ROW}})] == ["of x", "Y"]
    metric = Metric("a.*.b", "of {}", each_agreement, caveat=lambda values: values["doubt"])
    scores = {"a": {"x": {"b": ROW, "doubt": "few"}, "y": {"b": ROW, "doubt": ""}, "number": 3, "z": {}}}
    assert [score.title for score in read_metric(metric, scores)] == ["of x, few", "of y"]
    assert read_metric(metric, {}) == []


def test_large_values_have_no_decimals_in_summaries() -> None:
    (score,) = read_metric(Metric("a.b", "b", quotient), {"a": {"b": 123.456}})
    assert score.text("model") == "123.4560" and score.short(123.456) == "123"
