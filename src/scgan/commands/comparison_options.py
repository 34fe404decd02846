"""What ``scgan compare`` and ``scgan reproduce`` can both be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml
from jsonargparse import ArgumentParser

from scgan.commands.evaluate import FEATURES
from scgan.comparison.variants import VARIANTS
from scgan.utils.errors import UserError


def add_common_arguments(parser: ArgumentParser, features: Sequence[str]) -> None:
    parser.add_argument("--methods", nargs="+", default=None, help=f"all when not given: {', '.join(VARIANTS)}")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], help="one training for each")
    parser.add_argument(
        "--features", nargs="*", choices=FEATURES, default=list(features), help="what realism is measured by"
    )
    parser.add_argument(
        "--set", nargs="+", default=[], help="settings for all, like generator.width=16 training.accelerator=cuda"
    )
    parser.add_argument("--no-real", action="store_true", help="show no picture of the data set")


def changes(texts: Sequence[str]) -> dict[str, Any]:
    """``["generator.width=16"]`` → ``{"generator.width": 16}``.

    Raises:
        UserError: one has no equals sign.
    """
    found = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator:
            raise UserError(f"--set {text}: write NAME=VALUE, like generator.width=16.")
        found[name] = yaml.safe_load(value)
    return found
