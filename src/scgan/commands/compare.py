"""Train what is missing, judge everything alike, and write one table with figures.

Runs are kept in OUT/runs, their small results in OUT/finished. A result is used again whenever its settings, seed and
data are the same, so an interrupted comparison goes on with the same command, and more methods or seeds can be added.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.comparison_options import add_common_arguments, changes
from scgan.comparison.variants import VARIANTS, Budget


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="a prepared folder")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the comparison")
    parser.add_argument("--budget", required=True, help="how long each trains, like 64000images or 20minutes")
    parser.add_argument("--recipe", default="cpu", help="where widths, batch size and SCGAN's own settings come from")
    add_common_arguments(parser, features=["efficientnet-lite0"])


def run(arguments: Namespace) -> int:
    """Write ``table.md``, ``results.json``, ``figures/`` and ``page.html``; 1 if something failed."""
    from scgan.comparison.compare import compare

    return compare(
        arguments.data,
        arguments.out,
        arguments.methods or list(VARIANTS),
        arguments.seeds,
        arguments.recipe,
        changes(arguments.set),
        Budget.parse(arguments.budget),
        arguments.features,
        real=not arguments.no_real,
    )
