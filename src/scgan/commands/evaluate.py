"""Measure how closely a model follows its masks, judged by an independent grader, and how much its latent changes.

Floor and ceiling are the scores of real images: with the masks of other images, and with their own. Further metrics are
measured on request: attribute accuracy (--judge-attributes), the landmark error (--judge-landmarks) and distances to
real images (--features).
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL, add_cluster, add_device, add_engine, add_features, add_overwrite, add_seed


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder; its test split is used")
    parser.add_argument(
        "--grader", help="a grader's folder, or a model with one (default: found, or trained once and cached)"
    )
    parser.add_argument("--judge-attributes", action="store_true", help="also measure attribute accuracy")
    parser.add_argument("--attribute-grader", help="the same as --grader for the classifier that judges attributes")
    parser.add_argument(
        "--judge-landmarks",
        action="store_true",
        help="also measure the landmark error: how far the landmarks that are detected in the images are from those of "
        "the masks; faces with landmarks",
    )
    add_features(parser, [])
    add_device(parser, "for the model and the graders")
    add_engine(parser)
    add_cluster(parser, "generates images and extracts features")
    parser.add_argument("--out", type=Path, help="write the scores as JSON")
    add_seed(parser, "of latents and shuffled pairs")
    add_overwrite(parser)


def run(arguments: Namespace) -> None:
    """Print a table; write ``--out``."""
    from scgan.api import functions
    from scgan.evaluation.measures import score_table
    from scgan.utils.progress import say
    from scgan.utils.tables import print_table

    scores = functions.evaluate(
        arguments.model,
        arguments.data,
        arguments.out,
        grader=arguments.grader,
        judge_attributes=arguments.judge_attributes,
        attribute_grader=arguments.attribute_grader,
        judge_landmarks=arguments.judge_landmarks,
        features=arguments.features,
        weights=arguments.weights,
        device=arguments.device,
        engine=arguments.engine,
        seed=arguments.seed,
        cluster=arguments.cluster,
        overwrite=arguments.overwrite,
    )
    print_table(score_table(scores))
    if arguments.out:
        say(f"scores: {arguments.out}")
