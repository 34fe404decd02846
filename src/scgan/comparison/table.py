"""The table of a comparison, from finished runs alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from scgan.evaluation.evaluate import realism_values
from scgan.utils.progress import clock

Result = dict[str, Any]  # of a finished run


class Outcome(NamedTuple):
    """What came of one variant.

    Attributes:
        title: for people.
        results: one for each seed that got finished.
        failures: why the others did not.
    """

    title: str
    results: Sequence[Result]
    failures: Sequence[str]


class Part(NamedTuple):
    """A part of the table."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def parts(outcomes: Sequence[Outcome], paper: Mapping[str, Mapping[str, float]] | None = None) -> list[Part]:
    """Costs, spatial consistency, realism, labels and latent, losses: a row for each variant that has a result.

    A value is the mean over seeds. In brackets stands the range of the seeds' 95 % intervals, which bound what drawing
    other test items would change; where they differ between seeds, also what another training would.

    Args:
        outcomes: in the order of rows.
        paper: the paper's numbers by title and column, printed beside ours.
    """
    found = [outcome for outcome in outcomes if outcome.results]
    tables = [_costs(found), _spatial(found, paper or {})]
    if any("realism" in result["scores"] for outcome in found for result in outcome.results):
        tables.append(_realism(found, paper or {}))
    tables.append(_control(found))
    tables.append(_losses(found))
    return tables


def markdown(tables: Sequence[Part], outcomes: Sequence[Outcome], lead: str) -> str:
    """The whole as Markdown, failures named at the end."""
    lines = [lead, ""]
    for title, header, rows in tables:
        lines += [f"### {title}", "", f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        lines.append("")
    failures = [f"- {outcome.title}: {reason}" for outcome in outcomes for reason in outcome.failures]
    if failures:
        lines += ["### Failed", "", *failures, ""]
    return "\n".join(lines)


def _costs(outcomes: Sequence[Outcome]) -> Part:
    header = ("", "seeds", "images seen", "steps", "time", "memory (MB)", "generator’s parameters")
    rows = []
    for outcome in outcomes:
        results = outcome.results
        rows.append(
            (
                outcome.title,
                ", ".join(str(result["config"]["training"]["seed"]) for result in results),
                _plain(results, lambda result: result["images_seen"], "{:,.0f}"),
                _plain(results, lambda result: result["step"], "{:,.0f}"),
                clock(_mean([result["seconds"] for result in results]) or 0),
                _plain(results, lambda result: result["megabytes"], "{:,.0f}"),
                f"{results[0]['generator_parameters'] / 1e6:.2f} M",
            )
        )
    return Part("Cost", header, rows)


def _spatial(outcomes: Sequence[Outcome], paper: Mapping[str, Mapping[str, float]]) -> Part:
    columns = ("pixel_accuracy", "mean_iou")
    titles = ("pixel accuracy", "mean IoU")
    header = ("", *(f"{title}{kind}" for title in titles for kind in ("", ", normalised")))
    extra = _paper_columns(paper, ("pixel accuracy", "mIoU"))
    rows = []
    for outcome in outcomes:
        cells = [
            _score(outcome.results, partial(_entry, ("spatial", column), kind))
            for column in columns
            for kind in ("model", "normalised")
        ]
        rows.append((outcome.title, *cells, *_paper_cells(paper, outcome.title, extra)))
    for name in ("floor", "ceiling"):
        cells = []
        for column in columns:
            values = [result["scores"]["spatial"][column][name] for result in _all(outcomes)[:1]]
            cells += [_number(_mean(values)), {"floor": "0", "ceiling": "1"}[name]]
        rows.append((f"({name})", *cells, *_paper_cells(paper, name, extra)))
    return Part("Spatial consistency", (*header, *(f"paper: {name}" for name in extra)), rows)


def _realism(outcomes: Sequence[Outcome], paper: Mapping[str, Mapping[str, float]]) -> Part:
    titles = [title for title, _ in realism_values(_all(outcomes)[0]["scores"])]
    extra = _paper_columns(paper, ("FID",))
    rows = []
    for outcome in outcomes:
        cells = [_score(outcome.results, partial(_realism_entry, title)) for title in titles]
        rows.append((outcome.title, *cells, *_paper_cells(paper, outcome.title, extra)))
    photos = dict(realism_values(_all(outcomes)[0]["scores"]))
    rows.append(("(photos)", *(_number(photos[title]["photos"]) for title in titles), *("" for _ in extra)))
    return Part("Realism", ("", *titles, *(f"paper: {name}" for name in extra)), rows)


def _control(outcomes: Sequence[Outcome]) -> Part:
    labelled = any("attributes" in result["scores"] for result in _all(outcomes))
    header = ["", "latent’s effect on the background"]
    columns = [partial(_entry, ("diversity",), "latent_background")]
    if labelled:
        header += ["attribute accuracy", "…, normalised", "label’s effect", "… on other attributes", "… on background"]
        columns += [partial(_entry, ("attributes", "accuracy"), kind) for kind in ("model", "normalised")]
        columns += [
            partial(_entry, ("attributes", "leakage"), name)
            for name in ("effect", "other_attributes", "background_pixels")
        ]
    rows = [(outcome.title, *(_score(outcome.results, column) for column in columns)) for outcome in outcomes]
    if labelled:
        accuracy = _all(outcomes)[0]["scores"]["attributes"]["accuracy"]
        rows += [
            (f"({name})", "", _number(accuracy[name]), share, "", "", "")
            for name, share in (("floor", "0"), ("ceiling", "1"))
        ]
    return Part("Labels and latent", tuple(header), rows)


def _losses(outcomes: Sequence[Outcome]) -> Part:
    rows = []
    for outcome in outcomes:
        cells = []
        for update in ("discriminator", "generator"):
            values = [result["losses"].get(update, {}).get("spread") for result in outcome.results]
            cells.append(_number(_mean(values)))
        shares = outcome.results[0]["losses"].get("generator", {}).get("shares", {})
        cells.append(", ".join(f"{name.replace('_', ' ')} {share:.0%}" for name, share in shares.items()))
        rows.append((outcome.title, *cells))
    header = ("", "spread of D’s loss", "spread of G’s loss", "shares of G’s terms in the last tenth")
    return Part("Losses", header, rows)


Value = tuple[float | None, Sequence[float | None]]  # with its interval


def _entry(path: Sequence[str], name: str, scores: dict[str, Any]) -> Value:
    for key in path:
        scores = scores[key]
    return scores[name], scores["interval"][name]


def _realism_entry(title: str, scores: dict[str, Any]) -> Value:
    values = dict(realism_values(scores))[title]
    return values["model"], values["interval"]


def _score(results: Sequence[Result], read: Callable[[Any], Value]) -> str:
    found = [read(result["scores"]) for result in results]
    mean = _mean([value for value, _ in found])
    ends = [interval for value, interval in found if value is not None and None not in interval]
    if mean is None or not ends:
        return _number(mean)
    low, high = min(end[0] for end in ends if end[0] is not None), max(end[1] for end in ends if end[1] is not None)
    return f"{_number(mean)} [{_number(low)}, {_number(high)}]"


def _plain(results: Sequence[Result], read: Callable[[Result], float | None], form: str) -> str:
    mean = _mean([read(result) for result in results])
    return "–" if mean is None else form.format(mean)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.0f}"


def _all(outcomes: Sequence[Outcome]) -> list[Result]:
    return [result for outcome in outcomes for result in outcome.results]


def _paper_columns(paper: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> list[str]:
    return [name for name in names if any(name in values for values in paper.values())]


def _paper_cells(paper: Mapping[str, Mapping[str, float]], title: str, names: Sequence[str]) -> list[str]:
    return [str(paper.get(title, {}).get(name, "")) for name in names]
