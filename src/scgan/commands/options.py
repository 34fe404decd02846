"""Options that several commands share. Only commands import this module."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jsonargparse import ArgumentParser

MODEL = "a run folder, a model folder, a name that `scgan models` lists, or owner/name on the Hugging Face Hub"


def add_device(parser: ArgumentParser, purpose: str = "") -> None:
    """Add ``--device``; ``purpose`` says what runs there, if it is more than the model."""
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …" + (f"; {purpose}" if purpose else ""))


def add_seed(parser: ArgumentParser, purpose: str) -> None:
    """Add ``--seed``, 0 by default; ``purpose`` is its help text."""
    parser.add_argument("--seed", type=int, default=0, help=purpose)


def add_overwrite(parser: ArgumentParser) -> None:
    """Add ``--overwrite``, which permits replacing ``--out``."""
    parser.add_argument("--overwrite", action="store_true", help="replace --out if it exists")


def add_page(parser: ArgumentParser) -> None:
    """Add ``--out`` for one HTML page."""
    parser.add_argument("--out", type=Path, required=True, help="the page to write")


def add_no_photos(parser: ArgumentParser) -> None:
    """Add ``--no-photos``, which keeps the data set's images out of a page."""
    parser.add_argument("--no-photos", action="store_true", help="show no image of the data set")


def add_features(parser: ArgumentParser, default: Sequence[str]) -> None:
    """Add ``--features``: the networks whose features measure realism; without a default it measures none."""
    from scgan.evaluation.features import FEATURES

    parser.add_argument(
        "--features",
        nargs="*",
        choices=list(FEATURES),
        default=list(default),
        help="compare generated with real images by features of efficientnet-lite0 (offline, extra eval) or inception "
        "(FID, extra fid)",
    )
