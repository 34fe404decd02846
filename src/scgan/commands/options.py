"""Options that several commands share. Only commands import this module."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.parser import Seed
from scgan.utils.errors import UserError

if TYPE_CHECKING:
    from scgan.inference.mask_sources import MaskSources

MODEL = "a run folder, a model folder, a name that `scgan models` lists, or owner/name on the Hugging Face Hub"

PAGE_SUFFIXES = (".html", ".htm")
"""Suffixes of the file that ``add_page`` names."""


def add_device(parser: ArgumentParser, purpose: str = "") -> None:
    """Add ``--device``; ``purpose`` says what runs there, if it is more than the model."""
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …" + (f"; {purpose}" if purpose else ""))


def add_engine(parser: ArgumentParser) -> None:
    """Add ``--engine``, which computes the generator."""
    from scgan.engines.names import AUTO, ENGINES

    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default=AUTO,
        help="computes the generator: torch, or onnxruntime or openvino, which are faster on a CPU; auto takes the "
        "fastest that is installed",
    )


def add_cluster(parser: ArgumentParser, task: str) -> None:
    """Add ``--cluster``, whose workers do the task (``"reads"``)."""
    parser.add_argument(
        "--cluster",
        help=f"a Dask cluster that {task} instead of this machine: its scheduler's tcp://… or file (extra cluster)",
    )


def add_seed(parser: ArgumentParser, purpose: str) -> None:
    """Add ``--seed``, 0 by default; ``purpose`` is its help text."""
    parser.add_argument("--seed", type=Seed, default=0, help=purpose)


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
        help="compare generated with real images by features of pretrained networks, the one that counts first: "
        + ", ".join(f"{name} ({kind.summary})" for name, kind in FEATURES.items()),
    )
    parser.add_argument("--weights", type=Path, help="file with the weights of inception (default: downloaded once)")


def add_mask_sources(parser: ArgumentParser) -> None:
    """Add the options of one source of masks, which ``mask_sources`` reads."""
    parser.add_argument("--masks", type=Path, help="a mask or a folder of masks: index, palette or colour PNGs")
    parser.add_argument("--landmarks", type=Path, help="a JSON file of 68 landmarks, fractions of width and height")
    parser.add_argument("--photo", type=Path, help="a photo, whose landmarks are detected, or whose mask is found")
    add_align_face(parser)
    add_detector(parser)
    add_photo_parser(parser)
    parser.add_argument("--data", type=Path, help="a prepared folder: its test split, or --items")
    parser.add_argument("--items", help="rows of --data, like 3,17")


def add_align_face(parser: ArgumentParser) -> None:
    """Add ``--align-face`` and ``--no-align-face``."""
    parser.add_argument(
        "--align-face",
        action=BooleanOptionalAction,
        help="move a face of --landmarks or --photo to the position of the model's faces (default: photos only)",
    )


def add_detector(parser: ArgumentParser) -> None:
    """Add ``--detector``, which finds the landmarks in photos."""
    from scgan.faces.detector import DETECTORS

    parser.add_argument(
        "--detector",
        choices=("auto", *DETECTORS),
        help="finds the landmarks in photos: mediapipe, which is free to use, or dlib (extra landmarks); auto, the "
        "default, takes the first that is installed",
    )


def add_photo_parser(parser: ArgumentParser) -> None:
    """Add ``--parser`` and ``--parser-classes``, a network of the user's that finds the mask of a photo."""
    parser.add_argument(
        "--parser", type=Path, help="a segmentation network, .tflite, that finds the photo's mask (extra parser)"
    )
    parser.add_argument(
        "--parser-classes",
        nargs="+",
        default=[],
        metavar="CLASS=CLASS",
        help="classes of the model for those of --parser, like body-skin=skin (default: those of the same name)",
    )


def mask_sources(arguments: Namespace) -> MaskSources:
    """Convert the options of ``add_mask_sources``; each may also hold several files."""
    from scgan.inference.mask_sources import MaskSources

    def files(value: Path | list[Path] | None) -> tuple[Path, ...]:
        return () if value is None else tuple(value) if isinstance(value, list) else (value,)

    return MaskSources(
        masks=files(arguments.masks),
        landmarks=files(arguments.landmarks),
        photos=files(arguments.photo),
        data=arguments.data,
        items=arguments["items"],
        align_face=arguments.align_face,
        detector=arguments.detector or "auto",
        parser=arguments.get("parser"),
        parser_classes=tuple(arguments.get("parser_classes") or ()),
    )


def require_share(option: str, value: float) -> None:
    """Refuse a number that is no share.

    Raises:
        UserError: it is not in [0, 1].
    """
    if not 0 <= value <= 1:
        raise UserError(f"{option} {value}: it is a share, from 0 to 1.")
