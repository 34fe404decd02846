"""The paper's comparison with the paper's settings and its numbers beside: for a machine with GPUs.

Every method sees as many images as 20 epochs of the paper's data have (section 5.10), at the paper's widths.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.comparison_options import add_common_arguments, changes
from scgan.comparison.paper import PAPER
from scgan.comparison.variants import VARIANTS, Budget


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("dataset", choices=PAPER, help="which of the paper's data sets")
    parser.add_argument("--data", type=Path, required=True, help="that data set, prepared at size 128")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the comparison")
    parser.add_argument("--budget", help="another length, like 64000images, to see that all works")
    add_common_arguments(parser, features=["inception"])


def run(arguments: Namespace) -> int:
    """Write what ``scgan compare`` writes, with the paper's numbers; 1 if something failed."""
    from scgan.comparison.compare import compare

    paper = PAPER[arguments.dataset]
    # Where Inception alone measures realism, EfficientNet may stand in for the perceptual term's VGG.
    perceptual = 0.0 if "efficientnet-lite0" in arguments.features else 10.0
    settings = {"spade.perceptual": perceptual, "training.accelerator": "auto", **changes(arguments.set)}
    return compare(
        arguments.data,
        arguments.out,
        arguments.methods or list(VARIANTS),
        arguments.seeds,
        "paper",
        settings,
        Budget.parse(arguments.budget) if arguments.budget else Budget(paper.images, None),
        arguments.features,
        real=not arguments.no_real,
        paper=paper.numbers,
    )
