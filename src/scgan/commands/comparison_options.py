"""Options that ``scgan compare`` and ``scgan reproduce`` share."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import yaml
from jsonargparse import ArgumentParser

from scgan.commands.options import add_cluster, add_features, add_no_photos
from scgan.commands.parser import Seed
from scgan.comparison.variants import VARIANTS
from scgan.utils.errors import UserError


def add_comparison_options(parser: ArgumentParser, features: Sequence[str]) -> None:
    """Add the options; ``features`` are those that measure realism by default."""
    parser.add_argument(
        "--methods", nargs="+", default=list(VARIANTS), help=f"what to compare (default: all): {', '.join(VARIANTS)}"
    )
    parser.add_argument("--seeds", nargs="+", type=Seed, default=[0], help="one training of each for each seed")
    add_features(parser, features)
    parser.add_argument(
        "--set", nargs="+", default=[], help="settings for all, like generator.width=16 training.accelerator=cuda"
    )
    add_no_photos(parser)
    add_cluster(parser, "trains and evaluates, a run on each worker at a time,")
    parser.add_argument(
        "--cluster-resources",
        nargs="+",
        metavar="NAME=AMOUNT",
        help="that a worker needs for a run, as `dask worker --resources` names them, like GPU=1",
    )


def parse_resources(texts: Sequence[str] | None, cluster: str | None) -> dict[str, float]:
    """``["GPU=1"]`` → ``{"GPU": 1.0}``.

    Raises:
        UserError: one is no name with an amount, or there is no cluster.
    """
    if texts and cluster is None:
        raise UserError("--cluster-resources belongs to --cluster, which is missing.")
    resources = {}
    for text in texts or ():
        name, _, amount = text.partition("=")
        try:
            resources[name] = float(amount)
        except ValueError:
            resources[name] = 0.0
        if not (name and 0 < resources[name] < inf):
            raise UserError(f"--cluster-resources {text}: write NAME=AMOUNT, like GPU=1.")
    return resources


def parse_settings(texts: Sequence[str]) -> dict[str, Any]:
    """``["generator.width=16"]`` → ``{"generator.width": 16}``.

    Raises:
        UserError: one has no equals sign.
    """
    settings = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator:
            raise UserError(f"--set {text}: write NAME=VALUE, like generator.width=16.")
        settings[name] = yaml.safe_load(value)
    return settings
