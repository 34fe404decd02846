"""Generate labelled data: images with exact masks and attributes, kept where graders find what was requested.

Masks come from a prepared folder and are varied a little. `scgan prepare folder` reads the resulting folder.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL, add_cluster, add_device, add_engine, add_seed
from scgan.data.items import SPLITS
from scgan.utils.counts import require_at_most
from scgan.utils.errors import UserError
from scgan.utils.text import counted

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import Synthesizer
    from scgan.synthesis.attributes import AttributeMix
    from scgan.synthesis.filter import ImageFilter


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument(
        "--data", type=Path, required=True, help="a prepared folder: source of masks and attributes, data of the grader"
    )
    parser.add_argument("--count", type=int, required=True, help="number of images in all")
    parser.add_argument("--out", type=Path, required=True, help="the folder to create")
    parser.add_argument("--split", choices=SPLITS, default="train", help="of --data, source of masks and attributes")
    parser.add_argument("--jitter", type=float, default=1.0, help="scale of the masks' changes; 0: masks of --data")
    parser.add_argument(
        "--attribute-sets", nargs="+", help="like Male,Young Blond_Hair (default: those of --split, with their masks)"
    )
    parser.add_argument(
        "--attribute-weights", nargs="+", type=float, help="relative frequency of each set (default: equal)"
    )
    parser.add_argument(
        "--balance-attributes", action="store_true", help="every combination of --split with equal frequency"
    )
    parser.add_argument(
        "--min-mask-iou",
        type=float,
        help="minimum mean IoU of the grader's segmentation with the mask, 0 to 1 (default: reached by 95 of 100 real "
        "photos of the validation split)",
    )
    parser.add_argument(
        "--min-attribute-accuracy",
        type=float,
        help="minimum share of attributes that a classifier finds as requested, 0 to 1 (default: not judged)",
    )
    parser.add_argument("--redraws", type=int, default=30, help="maximum redraws of a rejected image")
    parser.add_argument(
        "--grader", help="a grader's folder, or a model with one (default: the model's, else one trained once)"
    )
    parser.add_argument("--attribute-grader", help="the same for the classifier that judges attributes")
    add_seed(parser, "seed of masks, changes, attributes and latents")
    add_device(parser)
    add_engine(parser)
    add_cluster(parser, "generates and judges")
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace --out if it exists; start from scratch if unfinished",
    )


def run(arguments: Namespace) -> int:
    """Write the folder; 1 if some images never passed the filter and were left out."""
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import load, require_trained
    from scgan.models.find import find_model
    from scgan.synthesis.candidates import Candidates
    from scgan.synthesis.synthesize import synthesize
    from scgan.utils.files import refuse_existing_folder
    from scgan.utils.progress import say

    _check_options(arguments)
    refuse_existing_folder(arguments.out, arguments.overwrite)
    dataset = PreparedDataset.open(arguments.data)
    folder = find_model(arguments.model)
    synthesizer = load(folder, arguments.device, arguments.engine)
    require_trained(synthesizer, arguments.model)
    synthesizer.schema.require_same(dataset.schema, arguments.model, str(arguments.data))
    mix = _attribute_mix(synthesizer, dataset, arguments)
    image_filter = _image_filter(dataset, folder, arguments)
    counts = synthesize(
        synthesizer,
        Candidates(dataset, mix, arguments.jitter, arguments.seed),
        image_filter,
        count=arguments.count,
        redraws=arguments.redraws,
        out=arguments.out,
        description=_description(dataset, image_filter, arguments),
        command=_command(arguments),
        overwrite=arguments.overwrite,
        cluster=arguments.cluster,
    )
    print(
        f"{counted(counts.kept, 'image')} in {arguments.out}: {counts.rejected} rejected ({counts.pass_rate:.0%} "
        f"passed), {counted(counts.broken, 'varied mask')} broke; see {arguments.out / 'dataset.md'}"
    )
    if not counts.failed:
        return 0
    say(
        f"{counts.failed} of {counted(arguments.count, 'image')} never passed and were left out, see "
        f"{arguments.out / 'failed.jsonl'}: lower --min-mask-iou, use a smaller --jitter or other attributes, or raise "
        "--redraws."
    )
    return 1


def _check_options(arguments: Namespace) -> None:
    if arguments.count < 1:
        raise UserError(f"--count {arguments.count}: at least 1 image is needed.")
    require_at_most("--count", arguments.count)
    if not 0 <= arguments.jitter <= 3:
        raise UserError(f"--jitter {arguments.jitter:g}: choose a number from 0 (none) to 3; 1 is usual.")
    if arguments.redraws < 0:
        raise UserError(f"--redraws {arguments.redraws}: 0 or more is needed.")
    for option in ("min_mask_iou", "min_attribute_accuracy"):
        value = arguments[option]
        if value is not None and not 0 <= value <= 1:
            raise UserError(f"--{option.replace('_', '-')} {value:g}: choose a number from 0 to 1.")
    if arguments.attribute_sets and arguments.balance_attributes:
        raise UserError("--balance-attributes is for the attributes of --split: leave it out, or --attribute-sets.")
    if arguments.attribute_grader and arguments.min_attribute_accuracy is None:
        raise UserError("--attribute-grader judges attributes only with --min-attribute-accuracy: add it.")
    if arguments.attribute_weights and not arguments.attribute_sets:
        raise UserError("--attribute-weights needs --attribute-sets: give one number for each set.")


def _attribute_mix(synthesizer: Synthesizer, dataset: PreparedDataset, arguments: Namespace) -> AttributeMix:
    from scgan.synthesis.attributes import balanced, chosen_mix, observed_mix

    rows = dataset.split(arguments.split)
    if arguments.attribute_sets:
        return chosen_mix(synthesizer.parse_attributes, arguments.attribute_sets, arguments.attribute_weights, rows)
    mix = observed_mix(dataset, rows)
    return balanced(mix) if arguments.balance_attributes else mix


def _image_filter(dataset: PreparedDataset, model: Path, arguments: Namespace) -> ImageFilter:
    from scgan.graders.find import (
        find_grader,
        load_or_train_attribute_grader,
        load_or_train_grader,
        require_grader,
    )
    from scgan.graders.kinds import ATTRIBUTES, MASKS
    from scgan.synthesis.filter import ImageFilter, photo_threshold, threshold_rows

    paths = {MASKS: find_grader(MASKS, arguments.grader, model, dataset.fingerprint)}
    if arguments.min_attribute_accuracy is not None:
        paths[ATTRIBUTES] = find_grader(ATTRIBUTES, arguments.attribute_grader, model, dataset.fingerprint)
    if arguments.min_mask_iou is None:
        threshold_rows(dataset)
    for kind, path in paths.items():  # all that can fail comes before the first minute of work
        require_grader(kind, dataset, path)
    grader = load_or_train_grader(dataset, grader=paths[MASKS])
    threshold = arguments.min_mask_iou
    if threshold is None:
        threshold = photo_threshold(grader, dataset)
    if arguments.min_attribute_accuracy is None:
        return ImageFilter(grader, threshold)
    attribute_grader = load_or_train_attribute_grader(dataset, grader=paths[ATTRIBUTES])
    return ImageFilter(grader, threshold, attribute_grader, arguments.min_attribute_accuracy)


def _description(dataset: PreparedDataset, image_filter: ImageFilter, arguments: Namespace) -> dict[str, Any]:
    """Options that decide the result, JSON values."""
    options = (
        "split",
        "jitter",
        "attribute_sets",
        "attribute_weights",
        "balance_attributes",
        "min_attribute_accuracy",
        "seed",
    )
    attribute_grader = image_filter.attribute_grader
    return {
        "data": dataset.fingerprint,
        **{name: arguments[name] for name in options},
        "min_mask_iou": image_filter.min_mask_iou,
        "grader": image_filter.grader.name,
        "attribute_grader": None if attribute_grader is None else attribute_grader.name,
    }


def _command(arguments: Namespace) -> str:
    """Command line of these arguments."""
    words = ["scgan", "synthesize", str(arguments.model)]
    for name, value in vars(arguments).items():
        if name in ("model", "overwrite", "cluster") or value is None or value is False:
            continue
        words.append(f"--{name.replace('_', '-')}")
        if value is not True:
            words += map(str, value if isinstance(value, list) else [value])
    return shlex.join(words)
