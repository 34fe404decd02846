"""Make labelled data: pictures with exact masks and labels, kept only where graders see what was asked for.

Masks come from a prepared folder and are varied a little. The result is a folder that `scgan prepare folder` reads.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL
from scgan.data.prepared import SPLITS
from scgan.utils.errors import UserError

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.synthesis.filter import Filter
    from scgan.synthesis.labels import LabelMix


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder: masks, labels, and the grader's")
    parser.add_argument("--count", type=int, required=True, help="how many pictures to make")
    parser.add_argument("--out", type=Path, required=True, help="the folder to make")
    parser.add_argument("--split", choices=SPLITS, default="train", help="of --data, where masks and labels come from")
    parser.add_argument("--jitter", type=float, default=1.0, help="how much masks are varied; 0: as they are in --data")
    parser.add_argument(
        "--labels", nargs="+", help="like Male,Young Blond_Hair (default: the labels of --split, each with its masks)"
    )
    parser.add_argument(
        "--weights", nargs="+", type=float, help="how often each of --labels, in proportion (default: all alike)"
    )
    parser.add_argument(
        "--balance", action="store_true", help="each combination of labels in --split equally often, not as found"
    )
    parser.add_argument(
        "--min-agreement",
        type=float,
        help="the least mean IoU that the grader sees with the mask, 0 to 1 (default: what 95 of 100 real photos of "
        "the validation split reach)",
    )
    parser.add_argument(
        "--min-label-agreement",
        type=float,
        help="the least share of attributes that a classifier sees as asked, 0 to 1 (default: labels are not judged)",
    )
    parser.add_argument("--redraws", type=int, default=30, help="how often a rejected picture may be drawn again")
    parser.add_argument(
        "--grader", help="a grader's folder, or a model that brings one; found, or trained once, when not given"
    )
    parser.add_argument("--attribute-grader", help="the same for the classifier that judges the labels")
    parser.add_argument("--seed", type=int, default=0, help="decides masks, changes, labels and latents")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …")
    parser.add_argument("--overwrite", action="store_true", help="replace --out if it exists, and start anew")


def run(arguments: Namespace) -> None:
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import load
    from scgan.models.find import find_model
    from scgan.synthesis.candidates import Candidates
    from scgan.synthesis.synthesize import synthesize
    from scgan.utils.files import refuse_existing_folder

    _require_sensible(arguments)
    refuse_existing_folder(arguments.out, arguments.overwrite)
    dataset = PreparedDataset.open(arguments.data)
    folder = find_model(arguments.model)
    synthesizer = load(folder, arguments.device)
    synthesizer.schema.require_same(dataset.schema, arguments.model, str(arguments.data))
    mix = _label_mix(dataset, arguments)
    judge = _filter(dataset, folder, arguments)
    counts = synthesize(
        synthesizer,
        Candidates(dataset, mix, arguments.jitter, arguments.seed),
        judge,
        arguments.count,
        arguments.redraws,
        arguments.out,
        _description(dataset, judge, arguments),
        _command(arguments),
        arguments.overwrite,
    )
    print(
        f"{counts.kept} pictures in {arguments.out}; {counts.rejected} were rejected ({counts.pass_rate:.0%} passed), "
        f"{counts.broken} varied masks broke; read {arguments.out / 'dataset.md'}"
    )


def _require_sensible(arguments: Namespace) -> None:
    if arguments.count < 1:
        raise UserError(f"--count {arguments.count}: at least 1 picture is needed.")
    if not 0 <= arguments.jitter <= 3:
        raise UserError(f"--jitter {arguments.jitter:g}: it lies between 0 (none) and 3; 1 is usual.")
    for option in ("redraws", "seed"):
        if arguments[option] < 0:
            raise UserError(f"--{option} {arguments[option]}: 0 or more is needed.")
    for option in ("min_agreement", "min_label_agreement"):
        value = arguments[option]
        if value is not None and not 0 <= value <= 1:
            raise UserError(f"--{option.replace('_', '-')} {value:g}: it is a share, from 0 to 1.")
    if arguments.labels and arguments.balance:
        raise UserError("--balance is for the labels of --split: leave it out, or --labels.")
    if arguments.attribute_grader and arguments.min_label_agreement is None:
        raise UserError("--attribute-grader judges labels only with --min-label-agreement: add it.")
    if arguments.weights and not arguments.labels:
        raise UserError("--weights needs --labels: one number for each.")


def _label_mix(dataset: PreparedDataset, arguments: Namespace) -> LabelMix:
    from scgan.synthesis import labels

    rows = dataset.split(arguments.split)
    if arguments.labels:
        return labels.chosen(dataset.schema, arguments.labels, arguments.weights, rows)
    found = labels.as_found(dataset, rows)
    return labels.balanced(found) if arguments.balance else found


def _filter(dataset: PreparedDataset, model: Path, arguments: Namespace) -> Filter:
    from scgan.graders.find import find_grader, load_or_train_attribute_grader, load_or_train_grader
    from scgan.graders.kinds import ATTRIBUTES, MASKS
    from scgan.synthesis.filter import Filter, agreement_of_photos

    found = find_grader(MASKS, arguments.grader, model, dataset.fingerprint)
    grader = load_or_train_grader(dataset, grader=found)
    least = arguments.min_agreement
    if least is None:
        least = agreement_of_photos(grader, dataset)
    if arguments.min_label_agreement is None:
        return Filter(grader, least)
    found = find_grader(ATTRIBUTES, arguments.attribute_grader, model, dataset.fingerprint)
    attribute_grader = load_or_train_attribute_grader(dataset, grader=found)
    return Filter(grader, least, attribute_grader, arguments.min_label_agreement)


def _description(dataset: PreparedDataset, judge: Filter, arguments: Namespace) -> dict[str, Any]:
    """What decides the result."""
    options = ("split", "jitter", "labels", "weights", "balance", "min_label_agreement", "seed")
    return {
        "data": dataset.fingerprint,
        **{name: arguments[name] for name in options},
        "min_agreement": judge.min_agreement,
        "grader": judge.grader.name,
        "attribute_grader": None if judge.attribute_grader is None else judge.attribute_grader.name,
    }


def _command(arguments: Namespace) -> str:
    """The command as it may be given again."""
    words = ["scgan", "synthesize", str(arguments.model)]
    for name, value in vars(arguments).items():
        if name in ("model", "overwrite") or value is None or value is False:
            continue
        words.append(f"--{name.replace('_', '-')}")
        if value is not True:
            words += map(str, value if isinstance(value, list) else [value])
    return shlex.join(words)
