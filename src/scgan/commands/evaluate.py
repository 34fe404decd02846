"""Measure how well a model obeys its masks, judged by an independent grader, and what its latent changes."""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL

FEATURES = ("efficientnet-lite0", "inception")  # of scgan.evaluation.features, which imports torch


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder; its test split is used")
    parser.add_argument(
        "--grader", help="a grader's folder, or a model that brings one; found, or trained once, when not given"
    )
    parser.add_argument("--labels", action="store_true", help="also let a classifier judge the labels")
    parser.add_argument("--attribute-grader", help="the same for the classifier that judges the labels")
    parser.add_argument(
        "--features",
        nargs="+",
        choices=FEATURES,
        default=[],
        help="also compare pictures with photos: efficientnet-lite0 (offline, extra eval), inception (FID, extra fid)",
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …; for the model and its judges")
    parser.add_argument("--out", type=Path, help="where the scores go as JSON")
    parser.add_argument("--seed", type=int, default=0, help="decides latents and shuffled pairs")
    parser.add_argument("--overwrite", action="store_true", help="replace --out when it exists")


def run(arguments: Namespace) -> None:
    """Print a table; write ``--out``."""
    import json

    from rich.console import Console
    from rich.table import Table

    from scgan.data.prepared import PreparedDataset
    from scgan.evaluation.evaluate import evaluate, rows_to_judge, table
    from scgan.evaluation.features import make_features
    from scgan.graders.find import find_grader, load_or_train_attribute_grader, load_or_train_grader
    from scgan.graders.kinds import ATTRIBUTES, MASKS
    from scgan.inference.synthesizer import load
    from scgan.models.find import find_model
    from scgan.utils.files import atomic_file, refuse_existing_file
    from scgan.utils.progress import say

    if arguments.out:
        refuse_existing_file(arguments.out, arguments.overwrite)
    dataset = PreparedDataset.open(arguments.data)
    rows_to_judge(dataset)  # refuses before minutes go into a grader
    folder = find_model(arguments.model)
    synthesizer = load(folder, arguments.device)
    synthesizer.schema.require_same(dataset.schema, arguments.model, str(arguments.data))
    if synthesizer.fingerprint != dataset.fingerprint:
        say(f"warning: {arguments.model} was trained on other data than {arguments.data}; it may know some test items.")
    found = find_grader(MASKS, arguments.grader, folder, dataset.fingerprint)
    grader = load_or_train_grader(dataset, grader=found, device=arguments.device)
    attribute_grader = None
    if arguments.labels:
        found = find_grader(ATTRIBUTES, arguments.attribute_grader, folder, dataset.fingerprint)
        attribute_grader = load_or_train_attribute_grader(dataset, grader=found, device=arguments.device)
    features = [make_features(name, arguments.device) for name in arguments.features]
    scores = evaluate(
        synthesizer, dataset, grader, arguments.seed, attribute_grader=attribute_grader, features=features
    )
    scores["step"] = synthesizer.step  # so that nobody takes them for those of a later one

    header, rows = table(scores)
    printed = Table(*header[:1], caption=f"{scores['spatial']['images']} images, graded by {grader.name}")
    for column in header[1:]:
        printed.add_column(column, justify="right")
    for row in rows:
        printed.add_row(*row)
    Console(highlight=False, markup=False).print(printed)
    if arguments.out:
        with atomic_file(arguments.out) as beside:
            beside.write_text(json.dumps(scores, indent=1), encoding="utf-8")
        say(f"scores: {arguments.out}")
