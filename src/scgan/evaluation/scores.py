"""Scores of a model: the record that describes a metric, the JSON layout of its values, and reading them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.metrics import Floats, bootstrap_interval, normalised

Scores = dict[str, Any]
"""JSON values by the paths of the metrics."""

COLUMNS = ("floor", "model", "ceiling", "normalised")
SEED_STRIDE = 1_000_003  # latents of neighbouring seeds overlap; those of repeated evaluations must not


class Metric(NamedTuple):
    """Description of a metric. Tables, model cards, reports and comparisons follow from it.

    Attributes:
        path: place of the values among the scores, like ``"spatial.pixel_accuracy"``. ``*`` stands for any name there:
            of a class, an attribute, a set of features.
        title: for people; ``{}`` stands for the name at ``*``.
        function: computes the metric from the arrays that its family sees (``scgan.evaluation.measures``).
        better: ``"higher"``, ``"lower"``, or ``""`` where neither is better.
        digits: decimals in the table of one model; intervals, summaries and comparisons have one fewer.
        compared: whether comparisons have a column for it.
        key: whether it stands among the few numbers that sum up a model.
        titles: titles for particular names at ``*``.
        caveat: takes the values beside the metric's and gives a reason for doubt, or ``""``.
    """

    path: str
    title: str
    function: Callable[..., Any]
    better: str = "higher"
    digits: int = 4
    compared: bool = True
    key: bool = False
    titles: Mapping[str, str] = {}
    caveat: Callable[[Scores], str] | None = None


class Score(NamedTuple):
    """Values of a metric, as read from scores.

    Attributes:
        metric: the metric.
        title: its title, complete, without the arrow of its direction.
        values: by name: ``floor``, ``model``, ``ceiling``, ``normalised``, or ``model`` and ``real`` (real images in
            place of the model's); undefined values are None.
        intervals: ends of 95 % intervals by the same names, where there are any.
    """

    metric: Metric
    title: str
    values: Mapping[str, float | None]
    intervals: Mapping[str, Sequence[float | None]]

    @property
    def heading(self) -> str:
        """The title with an arrow: up where higher is better, down where lower is."""
        return self.title + {"higher": " ↑", "lower": " ↓", "": ""}[self.metric.better]

    def text(self, name: str) -> str:
        """Value ``name`` with its interval in brackets; ``""`` where the metric has no such value."""
        if name not in self.values:
            return ""
        value, ends = self.values[name], self.intervals.get(name)
        if value is None:
            return "–"
        interval = "" if ends is None or None in ends else f" [{self.short(ends[0])}, {self.short(ends[1])}]"
        return f"{value:.{self.metric.digits}f}{interval}"

    def short(self, value: float | None) -> str:
        """A value with one decimal fewer, and without any from 100 on."""
        if value is None:
            return "–"
        return f"{value:.{self.metric.digits - 1}f}" if abs(value) < 100 else f"{value:.0f}"


def read_metric(metric: Metric, scores: Scores) -> list[Score]:
    """Scores of a metric, one for each name at ``*``; empty where it was not measured."""
    *parents, last = metric.path.split(".")
    places: list[tuple[str, Any]] = [("", scores)]
    for part in parents:
        places = [(key if part == "*" else name, node[key]) for name, node in places for key in _keys(node, part)]
    rows = []
    for name, node in places:
        for key in _keys(node, last):
            own_name = key if last == "*" else name
            title = metric.titles.get(own_name) or metric.title.format(own_name)
            caveat = metric.caveat(node) if metric.caveat else ""
            values, intervals = _values(node, key)
            rows.append(Score(metric, f"{title}, {caveat}" if caveat else title, values, intervals))
    return rows


def _keys(node: Any, part: str) -> list[str]:
    if not isinstance(node, dict):
        return []
    return list(node) if part == "*" else [part] * (part in node)


def _values(node: Scores, key: str) -> tuple[dict[str, float | None], dict[str, Sequence[float | None]]]:
    """Values and intervals: a mapping with its own intervals, or a number whose interval stands beside it."""
    value = node[key]
    if not isinstance(value, dict):
        interval = node.get("interval", {}).get(key)
        return {"model": value}, {} if interval is None else {"model": interval}
    interval = value.get("interval", {})
    values = {name: value[name] for name in (*COLUMNS, "real") if name in value}
    return values, interval if isinstance(interval, dict) else {"model": interval}


def graded_scores(metrics: Sequence[Metric], items: NDArray[Any], names: Sequence[str], seed: int) -> Scores:
    """Values of metrics that have a floor and a ceiling, by the last parts of their paths.

    Args:
        metrics: their functions take means over items, (…, *S), and give (…) or, with ``*`` in the path, (…, K).
        items: (N, 3, *S), for each item what was observed for floor, model and ceiling.
        names: those at ``*``, K.
        seed: of the intervals.
    """

    def statistics(means: Floats) -> Floats:
        parts = [metric.function(means) for metric in metrics]
        parts = [part if "*" in metric.path else part[..., None] for metric, part in zip(metrics, parts, strict=True)]
        floor, model, ceiling = np.moveaxis(np.concatenate(parts, axis=-1), -2, 0)
        return np.stack([floor, model, ceiling, normalised(model, floor, ceiling)], axis=-1)  # (…, rows, 4)

    values = statistics(items.mean(0))
    rows = iter([_row(*row) for row in zip(values, *bootstrap_interval(items, statistics, seed), strict=True)])
    scores: Scores = {}
    for metric in metrics:
        if metric.path.endswith(".*"):
            scores[metric.path.split(".")[-2]] = {name: next(rows) for name in names}
        else:
            scores[metric.path.split(".")[-1]] = next(rows)
    return scores


def scalar_scores(values: Mapping[str, Any], intervals: Mapping[str, Floats]) -> Scores:
    """Numbers by name, and below ``interval`` the ends of their intervals by the same names."""
    return {
        **{name: number(value) for name, value in values.items()},
        "interval": {name: [number(end) for end in ends] for name, ends in intervals.items()},
    }


def compared_score(model: Any, real: Any, interval: Floats) -> Scores:
    """A model's number and interval, and the number of real images in its place."""
    return {"model": number(model), "real": number(real), "interval": [number(end) for end in interval]}


def _row(values: Floats, low: Floats, high: Floats) -> Scores:
    ends = [[number(a), number(b)] for a, b in zip(low, high, strict=True)]
    return {**dict(zip(COLUMNS, map(number, values), strict=True)), "interval": dict(zip(COLUMNS, ends, strict=True))}


def number(value: Any) -> float | None:
    """A rounded number; None for NaN, which JSON does not have."""
    return round(float(value), 6) if np.isfinite(value) else None


def subset(rows: NDArray[np.int64], max_count: int, seed: int) -> NDArray[np.int64]:
    """At most ``max_count`` of ``rows``, chosen by ``seed``, ascending."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:max_count])
