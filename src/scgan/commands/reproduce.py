"""Run the paper's comparison with the paper's settings and print its numbers next to the results; needs GPUs.

Every method sees as many images as 20 epochs of the paper's data have (section 5.10), at the paper's widths.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.comparison_options import add_comparison_options, parse_resources, parse_settings
from scgan.comparison.paper import PAPER
from scgan.comparison.variants import Budget


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("dataset", choices=PAPER, help="data set of the paper")
    parser.add_argument("--data", type=Path, required=True, help="that data set, prepared at size 128")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the comparison")
    parser.add_argument("--budget", help="another length, like 64000images, for a quick trial")
    add_comparison_options(parser, features=["inception"])


def run(arguments: Namespace) -> int:
    """Write the files of ``scgan compare``, with the paper's numbers; 1 if something failed."""
    from scgan.comparison.compare import compare

    paper = PAPER[arguments.dataset]
    # Where Inception alone measures realism, EfficientNet may replace the perceptual loss's VGG.
    perceptual = 0.0 if "efficientnet-lite0" in arguments.features else 10.0
    settings = {"spade.perceptual": perceptual, "training.accelerator": "auto", **parse_settings(arguments.set)}
    return compare(
        arguments.data,
        arguments.out,
        names=arguments.methods,
        seeds=arguments.seeds,
        recipe="paper",
        settings=settings,
        budget=Budget.parse(arguments.budget) if arguments.budget else Budget(paper.images, None),
        features=arguments.features,
        weights=arguments.weights,
        photos=not arguments.no_photos,
        cluster=arguments.cluster,
        resources=parse_resources(arguments.cluster_resources, arguments.cluster),
        paper=paper.numbers,
    )
