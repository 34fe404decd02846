"""Tables of a comparison, from the results of finished runs alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from scgan.evaluation.measures import EXPLANATION, PARTS
from scgan.evaluation.scores import Metric, Score, read_metric
from scgan.utils.progress import clock
from scgan.utils.tables import Table, to_markdown

Result = dict[str, Any]  # of a finished run
PaperNumbers = Mapping[str, Mapping[str, float]]  # by title of a variant, then of a metric

_REFERENCES = {"floor": ("floor", "0"), "ceiling": ("ceiling", "1"), "real": ("real images", "")}
"""Rows below the variants: a name among a score's values, the row's title, and the value when normalised."""


class Outcome(NamedTuple):
    """Results of one variant.

    Attributes:
        title: for people.
        results: one for each seed that finished.
        failures: reasons of the others.
    """

    title: str
    results: Sequence[Result]
    failures: Sequence[str]


def comparison_tables(outcomes: Sequence[Outcome], paper: PaperNumbers | None = None) -> list[Table]:
    """Costs, metrics by part (``scgan.evaluation.measures.PARTS``) and losses; a row for each variant with a result.

    A value is the mean over seeds. Brackets hold the range of the seeds' 95 % intervals, which bound the effect of
    other test items; where they differ between seeds, also that of another training.

    Args:
        outcomes: in the order of rows.
        paper: the paper's numbers, printed next to the results.
    """
    finished = [outcome for outcome in outcomes if outcome.results]
    parts = [_metrics(title, metrics, finished, paper or {}) for title, metrics in PARTS.items()]
    parts = [part for part in parts if len(part.header) > 1]
    return [
        _costs(finished),
        *(part._replace(caption=EXPLANATION) for part in parts[:1]),
        *parts[1:],
        _losses(finished),
    ]


def comparison_markdown(tables: Sequence[Table], outcomes: Sequence[Outcome], lead: str) -> str:
    """All tables as Markdown, failures named at the end."""
    blocks = [lead]
    for table in tables:
        blocks += [f"### {table.title}", *([table.caption] if table.caption else []), to_markdown(table)]
    failures = [f"- {outcome.title}: {reason}" for outcome in outcomes for reason in outcome.failures]
    if failures:
        blocks += ["### Failed", "\n".join(failures)]
    return "\n\n".join(blocks) + "\n"


def _costs(outcomes: Sequence[Outcome]) -> Table:
    header = ("", "seeds", "images seen", "steps", "time", "memory (MB)", "generator’s parameters")
    rows = []
    for outcome in outcomes:
        results = outcome.results
        rows.append(
            (
                outcome.title,
                ", ".join(str(result["config"]["training"]["seed"]) for result in results),
                _count(results, lambda result: result["images_seen"]),
                _count(results, lambda result: result["step"]),
                clock(_mean([result["seconds"] for result in results]) or 0),
                _count(results, lambda result: result["megabytes"]),
                f"{results[0]['generator_parameters'] / 1e6:.2f} M",
            )
        )
    return Table(header, rows, title="Cost")


def _metrics(title: str, metrics: Sequence[Metric], outcomes: Sequence[Outcome], paper: PaperNumbers) -> Table:
    """One part: for each compared metric the model's value, and the normalised one where it has floor and ceiling."""
    by_outcome = [[_by_title(metrics, result) for result in outcome.results] for outcome in outcomes]
    columns: dict[tuple[str, str], Score] = {}  # by title and name of the value
    for score in (score for results in by_outcome for result in results for score in result.values()):
        for name in ("model", "normalised"):
            if name in score.values:
                columns.setdefault((score.title, name), score)
    in_paper = [
        name
        for metric in metrics
        for name in (metric.title, *metric.titles.values())
        if any(name in numbers for numbers in paper.values())
    ]
    rows = []
    for outcome, results in zip(outcomes, by_outcome, strict=True):
        cells = [_cell([result[key] for result in results if key in result], name) for key, name in columns]
        rows.append((outcome.title, *cells, *_paper_cells(paper, outcome.title, in_paper)))
    for reference, (row_title, normalised) in _REFERENCES.items():
        if any(reference in score.values for score in columns.values()):
            cells = [
                ""
                if reference not in score.values
                else normalised
                if name == "normalised"
                else score.short(score.values[reference])
                for (_, name), score in columns.items()
            ]
            rows.append((f"({row_title})", *cells, *_paper_cells(paper, reference, in_paper)))
    headings = [score.heading if name == "model" else f"{score.title}, {name}" for (_, name), score in columns.items()]
    return Table(("", *headings, *(f"paper: {name}" for name in in_paper)), rows, title)


def _by_title(metrics: Sequence[Metric], result: Result) -> dict[str, Score]:
    scores = [score for metric in metrics if metric.compared for score in read_metric(metric, result["scores"])]
    return {score.title: score for score in scores}


def _cell(scores: Sequence[Score], name: str) -> str:
    """Mean over seeds, and the range of their intervals."""
    values = [score.values.get(name) for score in scores]
    mean = _mean(values)
    if not scores or mean is None:
        return "–"
    ends = [score.intervals[name] for score in scores if name in score.intervals and None not in score.intervals[name]]
    short = scores[0].short
    if not ends:
        return short(mean)
    low, high = min(end[0] or 0.0 for end in ends), max(end[1] or 0.0 for end in ends)
    return f"{short(mean)} [{short(low)}, {short(high)}]"


def _losses(outcomes: Sequence[Outcome]) -> Table:
    rows = []
    for outcome in outcomes:
        spreads = []
        for update in ("discriminator", "generator"):
            mean = _mean([result["losses"].get(update, {}).get("spread") for result in outcome.results])
            spreads.append("–" if mean is None else f"{mean:.3f}" if abs(mean) < 100 else f"{mean:.0f}")
        shares = outcome.results[0]["losses"].get("generator", {}).get("shares", {})
        terms = ", ".join(f"{name.replace('_', ' ')} {share:.0%}" for name, share in shares.items())
        rows.append((outcome.title, *spreads, terms))
    header = ("", "spread of D’s loss", "spread of G’s loss", "shares of G’s terms in the last tenth")
    return Table(header, rows, title="Losses")


def _count(results: Sequence[Result], read: Callable[[Result], float | None]) -> str:
    mean = _mean([read(result) for result in results])
    return "–" if mean is None else f"{mean:,.0f}"


def _mean(values: Sequence[float | None]) -> float | None:
    defined = [value for value in values if value is not None]
    return sum(defined) / len(defined) if defined else None


def _paper_cells(paper: PaperNumbers, title: str, names: Sequence[str]) -> list[str]:
    return [str(paper.get(title, {}).get(name, "")) for name in names]
