"""A whole comparison: every variant with every seed, then one table, figures and a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scgan.comparison.page import write_comparison_page, write_figures
from scgan.comparison.runs import Finished, Judges, attempt, find_finished
from scgan.comparison.table import Outcome, markdown, parts
from scgan.comparison.variants import VARIANTS, Budget, configure
from scgan.config import Config, flat
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.features import make_features
from scgan.graders.find import load_or_train_attribute_grader, load_or_train_grader
from scgan.utils.devices import device_of
from scgan.utils.errors import UserError
from scgan.utils.figures import require_matplotlib
from scgan.utils.files import atomic_file
from scgan.utils.progress import say


def compare(
    data: Path,
    out: Path,
    names: Sequence[str],
    seeds: Sequence[int],
    recipe: str,
    settings: dict[str, Any],
    budget: Budget,
    features: Sequence[str],
    real: bool,
    paper: Mapping[str, Mapping[str, float]] | None = None,
) -> int:
    """Compare ``names`` (of ``VARIANTS``) on ``data``; what is finished in ``out`` already is used again.

    Table and page are written again after every run, so there is something to see long before the end.

    Returns:
        The exit code: 1 if a run failed, else 0.

    Raises:
        UserError: before anything is trained, if an input cannot be used.
    """
    dataset = PreparedDataset.open(data)
    configs = {name: [configure(name, recipe, settings, seed, budget) for seed in seeds] for name in names}
    require_matplotlib()
    _require_independent(features, [config for of_name in configs.values() for config in of_name])
    device = device_of(configs[names[0]][0].training.accelerator)
    judges = Judges(
        load_or_train_grader(dataset, device=device),
        load_or_train_attribute_grader(dataset, device=device) if dataset.schema.attribute_count else None,
        [make_features(name, device) for name in features],
    )
    lead = (
        f"{len(dataset.split('test'))} test images of {dataset.schema.image_size} × {dataset.schema.image_size} (data "
        f"{dataset.fingerprint}), recipe {recipe}, budget {budget}, seeds {', '.join(map(str, seeds))}. "
        "Values are means over seeds, in brackets the range of their 95 % intervals."
    )
    done: dict[str, list[Finished | str]] = {name: [] for name in names}
    for place, _ in enumerate(seeds):  # all of one seed first: a table without gaps comes early
        for name in names:
            config = configs[name][place]
            finished = find_finished(out, config, dataset.fingerprint)
            if finished:
                say(f"{finished.folder.name} is finished already")
                done[name].append(finished)
            else:
                done[name].append(attempt(out, config, dataset, judges))
                _write(out, dataset, done, lead, real, paper)
    _write(out, dataset, done, lead, real, paper)
    say(f"table: {out / 'table.md'}; page: {out / 'page.html'}")
    return int(any(isinstance(outcome, str) for outcomes in done.values() for outcome in outcomes))


def _require_independent(features: Sequence[str], configs: Sequence[Config]) -> None:
    """No method may be judged by the network that it learned to please."""
    if "efficientnet-lite0" in features and any(flat(config).get("spade.perceptual") for config in configs):
        raise UserError(
            "SPADE's perceptual term pleases efficientnet-lite0, which is to judge: switch the term off with "
            "--set spade.perceptual=0, or let --features inception judge."
        )


def _write(
    out: Path,
    dataset: PreparedDataset,
    done: dict[str, list[Finished | str]],
    lead: str,
    real: bool,
    paper: Mapping[str, Mapping[str, float]] | None,
) -> None:
    finished = {name: [each for each in runs if isinstance(each, Finished)] for name, runs in done.items()}
    outcomes = [
        Outcome(
            VARIANTS[name].title,
            [each.result for each in finished[name]],
            [each for each in runs if isinstance(each, str)],
        )
        for name, runs in done.items()
    ]
    results = {
        name: {
            "title": outcome.title,
            "runs": [each.folder.name for each in finished[name]],
            "failures": outcome.failures,
            "results": [_without_curves(result) for result in outcome.results],
        }
        for name, outcome in zip(done, outcomes, strict=True)
    }
    with atomic_file(out / "results.json") as beside:
        beside.write_text(json.dumps({"about": lead, "variants": results}, indent=1), encoding="utf-8")
    if not any(finished.values()):
        return
    tables = parts(outcomes, paper)
    with atomic_file(out / "table.md") as beside:
        beside.write_text(markdown(tables, outcomes, lead), encoding="utf-8")
    shown = [(VARIANTS[name].title, runs[0]) for name, runs in finished.items() if runs]
    write_comparison_page(out / "page.html", lead, tables, write_figures(out, shown, dataset, real))


def _without_curves(result: dict[str, Any]) -> dict[str, Any]:
    """The curves stay with the finished run."""
    losses = {
        update: {name: values[name] for name in ("spread", "shares")} for update, values in result["losses"].items()
    }
    return {**result, "losses": losses}
