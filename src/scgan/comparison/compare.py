"""Comparison of methods: every variant with every seed, then tables, figures and a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from scgan.comparison.page import write_comparison_page
from scgan.comparison.runs import Finished, Graders, Shared, Train, attempt, find_finished, run_name, train_in_process
from scgan.comparison.table import Outcome, PaperNumbers, comparison_markdown, comparison_tables
from scgan.comparison.variants import Budget, configure, find_variant
from scgan.config import Config, FeaturesOf, features_used, fields
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.evaluate import rows_to_judge
from scgan.evaluation.features import make_features, require_features
from scgan.evaluation.realism import reference_rows
from scgan.graders.find import load_or_train_attribute_grader, load_or_train_grader, require_grader
from scgan.graders.kinds import ATTRIBUTES, MASKS
from scgan.utils.cluster import open_workers
from scgan.utils.devices import device_of
from scgan.utils.errors import UserError
from scgan.utils.figures import require_matplotlib
from scgan.utils.files import atomic_file, refuse_unwritable_folder
from scgan.utils.locks import output_lock
from scgan.utils.progress import say
from scgan.utils.text import counted
from scgan.utils.workers import WorkerPool


def compare(
    data: Path,
    out: Path,
    *,
    names: Sequence[str],
    seeds: Sequence[int],
    recipe: str,
    settings: dict[str, Any],
    budget: Budget,
    features: Sequence[str] = (),
    weights: Path | None = None,
    photos: bool = True,
    paper: PaperNumbers | None = None,
    graders: Graders | None = None,
    train: Train = train_in_process,
    cluster: str | None = None,
    resources: Mapping[str, float] | None = None,
) -> int:
    """Compare variants on a prepared folder, with a table after every run; results in ``out`` are used again.

    Args:
        data: the prepared folder.
        out: the folder of the comparison: ``runs``, ``finished``, ``table.md``, ``results.json``, ``figures``,
            ``page.html``.
        names: of variants, as ``find_variant`` takes them.
        seeds: one training of each variant for each.
        recipe, settings: configuration of all variants.
        budget: length of each training.
        features: names of the features that measure realism, the one that counts first.
        weights: file with the weights of Inception, downloaded by default.
        photos: whether figures may show images of the data set.
        paper: the paper's numbers, printed next to the results.
        graders: judges of the runs; by default found in the cache or trained.
        train: trains one run.
        cluster, resources: as for ``open_workers``; each worker trains and evaluates one run at a time.

    Returns:
        The exit code: 1 if a run failed, else 0.

    Raises:
        UserError: before anything is trained, if an input cannot be used or another command writes ``out``.
        RunError: the cluster was lost.
    """
    dataset = PreparedDataset.open(data)
    # All variants of one seed first: a table without gaps comes early.
    runs = [(name, configure(name, recipe, settings, seed, budget)) for seed in seeds for name in names]
    require_matplotlib()
    _require_inputs(dataset, out, features, weights, [config for _, config in runs])
    with open_workers(cluster, resources=resources) as workers, output_lock(out):
        graders = graders or _load_graders(dataset, features, weights, runs[0][1])
        lead = _lead(dataset, recipe, budget, seeds)
        shared = Shared(out.absolute(), dataset, graders, train)
        outcomes: dict[str, list[Finished | str]] = {name: [] for name in names}
        for name, outcome, is_new in _outcomes(shared, runs, workers):
            outcomes[name].append(outcome)
            if is_new and any(len(of_name) < len(seeds) for of_name in outcomes.values()):
                write_comparison(out, dataset, outcomes, lead, photos, paper)
        write_comparison(out, dataset, outcomes, lead, photos, paper)
    say(f"table: {out / 'table.md'}; page: {out / 'page.html'}")
    return int(any(isinstance(outcome, str) for of_name in outcomes.values() for outcome in of_name))


def _outcomes(
    shared: Shared, runs: Sequence[tuple[str, Config]], workers: WorkerPool
) -> Iterator[tuple[str, Finished | str, bool]]:
    """Yield the outcome of each run, in order, with the variant's name, and whether the run is of this session."""
    fingerprint = shared.dataset.fingerprint
    by_name = {run_name(config, fingerprint): config for _, config in runs}  # variants may be the same
    known: dict[str, Finished | str] = {
        run: finished
        for run, config in by_name.items()
        if (finished := find_finished(shared.out, config, fingerprint)) is not None
    }
    missing = [config for run, config in by_name.items() if run not in known]
    with closing(workers.map(attempt, shared, missing)) as outcomes:
        for name, config in runs:
            run = run_name(config, fingerprint)
            if is_new := run not in known:
                known[run] = next(outcomes)
            else:
                say(f"{run} is finished already")
            yield name, known[run], is_new


def _lead(dataset: PreparedDataset, recipe: str, budget: Budget, seeds: Sequence[int]) -> str:
    size = dataset.schema.image_size
    return (
        f"{counted(len(dataset.split('test')), 'test image')} of {size} × {size} (data {dataset.fingerprint}), "
        f"recipe {recipe}, budget {budget}, seeds {', '.join(map(str, seeds))}. "
        "Values are means over seeds, brackets the range of their 95 % intervals."
    )


def write_comparison(
    out: Path,
    dataset: PreparedDataset,
    outcomes: Mapping[str, Sequence[Finished | str]],
    lead: str,
    photos: bool,
    paper: PaperNumbers | None,
) -> None:
    """Write ``results.json`` and, once a run has finished, ``table.md``, ``figures`` and ``page.html``.

    Args:
        out: the folder of the comparison.
        dataset: its masks stand in the figures.
        outcomes: by variant its finished runs, and the reasons of failures.
        lead: first sentences of table and page.
        photos, paper: as for ``compare``.
    """
    finished = {name: [run for run in runs if isinstance(run, Finished)] for name, runs in outcomes.items()}
    rows = [
        Outcome(
            find_variant(name).title,
            [run.result for run in finished[name]],
            [reason for reason in runs if isinstance(reason, str)],
        )
        for name, runs in outcomes.items()
    ]
    results = {
        name: {
            "title": row.title,
            "runs": [run.folder.name for run in finished[name]],
            "failures": row.failures,
            "results": [_without_curves(result) for result in row.results],
        }
        for name, row in zip(outcomes, rows, strict=True)
    }
    with atomic_file(out / "results.json") as partial:
        partial.write_text(json.dumps({"about": lead, "variants": results}, indent=1), encoding="utf-8")
    if not any(finished.values()):
        return
    tables = comparison_tables(rows, paper)
    with atomic_file(out / "table.md") as partial:
        partial.write_text(comparison_markdown(tables, rows, lead), encoding="utf-8", errors="backslashreplace")
    shown = [(find_variant(name).title, runs[0]) for name, runs in finished.items() if runs]
    write_comparison_page(out, lead, tables, shown, dataset, photos)


def _load_graders(dataset: PreparedDataset, features: Sequence[str], weights: Path | None, config: Config) -> Graders:
    device = device_of(config.training.accelerator)
    for kind in (MASKS, ATTRIBUTES) if dataset.schema.attribute_count else (MASKS,):
        require_grader(kind, dataset, None)
    # Before minutes of training: weights may be missing.
    loaded = [make_features(name, device, weights) for name in features]
    return Graders(
        load_or_train_grader(dataset, device=device),
        load_or_train_attribute_grader(dataset, device=device) if dataset.schema.attribute_count else None,
        loaded,
    )


def _require_inputs(
    dataset: PreparedDataset, out: Path, features: Sequence[str], weights: Path | None, configs: Sequence[Config]
) -> None:
    """Check all that the evaluations need, before anything is trained.

    Raises:
        UserError: ``out`` cannot be written to, a split has too few items, or a method would be evaluated by features
            that its loss uses.
    """
    refuse_unwritable_folder(out)
    rows_to_judge(dataset)
    if features:
        reference_rows(dataset)
    for config in configs:
        for name, setting in features_used(config).items():
            if name in features:
                markers = fields(type(config))[setting].metadata
                off = next(marker.off for marker in markers if isinstance(marker, FeaturesOf))
                raise UserError(
                    f"--method {config.method} trains on the features of {name}, which --features also names for the "
                    f"evaluation: switch this off with --set {setting}={off}, or use other --features."
                )
    require_features(features, dataset, weights)


def _without_curves(result: dict[str, Any]) -> dict[str, Any]:
    """Leave out the curves, which stay with the finished run."""
    losses = {
        update: {name: values[name] for name in ("spread", "shares")} for update, values in result["losses"].items()
    }
    return {**result, "losses": losses}
