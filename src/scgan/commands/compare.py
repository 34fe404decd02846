"""Train and evaluate methods and ablations in the same way, and write one table with figures.

Runs are kept in OUT/runs, their small results in OUT/finished. A result with the same settings, seed and data is used
again: the same command resumes an interrupted comparison, and methods or seeds can be added later.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.comparison_options import add_comparison_options, parse_resources, parse_settings
from scgan.comparison.variants import Budget


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the comparison")
    parser.add_argument("--budget", required=True, help="length of each training, like 64000images or 20minutes")
    parser.add_argument("--recipe", default="cpu", help="settings that all methods start from")
    add_comparison_options(parser, features=["efficientnet-lite0"])


def run(arguments: Namespace) -> int:
    """Write ``table.md``, ``results.json``, ``figures/`` and ``page.html``; 1 if something failed."""
    from scgan.comparison.compare import compare

    return compare(
        arguments.data,
        arguments.out,
        names=arguments.methods,
        seeds=arguments.seeds,
        recipe=arguments.recipe,
        settings=parse_settings(arguments.set),
        budget=Budget.parse(arguments.budget),
        features=arguments.features,
        weights=arguments.weights,
        photos=not arguments.no_photos,
        cluster=arguments.cluster,
        resources=parse_resources(arguments.cluster_resources, arguments.cluster),
    )
