"""Turn photos, masks and labels into a prepared folder, which every other command reads.

A run that was killed goes on when the same command is given again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from jsonargparse import ArgumentParser, Namespace

from scgan.data.prepare.prepare import prepare
from scgan.data.prepare.source import Source
from scgan.data.sources.celeba import PAPER_ATTRIBUTES, open_celeba
from scgan.data.sources.deepfashion import open_deepfashion
from scgan.data.sources.folder import CROPS, open_folder
from scgan.utils.errors import UserError


class _Kind(NamedTuple):
    """One kind of source: what its help says, its own arguments, and how it is opened."""

    text: str
    example: str
    add_arguments: Callable[[ArgumentParser], None]
    open: Callable[[Namespace], Source]


def add_arguments(parser: ArgumentParser) -> None:
    kinds = parser.add_subcommands(required=True, dest="kind")
    for name, kind in _KINDS.items():
        source = ArgumentParser(description=kind.text, epilog=f"Example: scgan prepare {name} {kind.example}")
        kind.add_arguments(source)
        source.add_argument("--out", required=True, help="the folder to make")
        source.add_argument(
            "--size", type=Literal[32, 64, 128, 256], default=64, help="height and width of the images in pixels"
        )
        source.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many read at once")
        source.add_argument("--overwrite", action="store_true", help="replace the folder if it exists, and start anew")
        kinds.add_subcommand(name, source, help=kind.text)


def run(arguments: Namespace) -> int:
    options = arguments[arguments.kind]
    if options.processes < 1:
        raise UserError(f"--processes {options.processes}: at least 1 is needed.")
    if options.seed < 0:
        raise UserError(f"--seed {options.seed}: 0 or more is needed.")
    if not 0 <= options.get("max_skipped", 0) <= 1:
        raise UserError(f"--max-skipped {options.max_skipped}: it is a share, from 0 to 1.")
    source = _KINDS[arguments.kind].open(options)
    dataset = prepare(source, Path(options.out), options.processes, options.get("max_skipped", 0), options.overwrite)
    print(f"kept {len(dataset)} of {len(source.names)} in {dataset.path}; look at them: scgan inspect {dataset.path}")
    return 0


def _add_max_skipped(parser: ArgumentParser, default: float) -> None:
    parser.add_argument(
        "--max-skipped", type=float, default=default, help="the largest share of unusable items that is accepted"
    )


def _add_seed(parser: ArgumentParser, what: str) -> None:
    parser.add_argument("--seed", type=int, default=0, help=what)


def _add_celeba_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", help="holds img_align_celeba/ and list_attr_celeba.txt")
    parser.add_argument(
        "--attributes", default=",".join(PAPER_ATTRIBUTES), help="columns of list_attr_celeba.txt, with commas between"
    )
    _add_seed(parser, "of the split where list_eval_partition.txt is missing")
    _add_max_skipped(parser, 0.05)


def _open_celeba(options: Namespace) -> Source:
    return open_celeba(Path(options.folder), options.size, _names(options.attributes), options.seed)


def _add_deepfashion_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", help="holds G2.h5, language_original.mat and ind.mat")
    parser.add_argument(
        "--label", default="color", help="fields of language_original.mat, with commas between: color, gender, sleeve"
    )
    _add_seed(parser, "of the validation split, a twentieth of train_ind")
    _add_max_skipped(parser, 0.01)


def _open_deepfashion(options: Namespace) -> Source:
    return open_deepfashion(Path(options.folder), options.size, _names(options.label), options.seed)


def _add_folder_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--images", required=True, help="folder of photos")
    parser.add_argument(
        "--masks", required=True, help="folder of masks with the photos' names: index, palette or colour"
    )
    parser.add_argument("--table", help="CSV with one row for each photo: column file, labels, and if wanted split")
    parser.add_argument("--columns", help="columns of the table to keep, with commas between; all if not given")
    parser.add_argument(
        "--classes", help='JSON: ["background", "hair"], or {"background": [0, 0, 0], "hair": [255, 0, 0]}'
    )
    parser.add_argument("--merge", help="YAML that joins classes: `classes: {upper: [coat, vest]}`")
    parser.add_argument(
        "--crop",
        choices=list(CROPS),
        default="center",
        help="center: the middle of the photo; foreground: all that is not background; pad: the whole photo",
    )
    _add_seed(parser, "of the split where the table has no column split")
    _add_max_skipped(parser, 0.01)


def _open_folder(options: Namespace) -> Source:
    return open_folder(
        Path(options.images),
        Path(options.masks),
        options.size,
        table=_path(options.table),
        classes=_path(options.classes),
        merge=_path(options.merge),
        columns=_names(options.columns) if options.columns else None,
        crop=options.crop,
        seed=options.seed,
    )


def _add_toyfaces_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=2000, help="how many faces to draw")
    _add_seed(parser, "of the faces")


def _open_toyfaces(options: Namespace) -> Source:
    from scgan.data.sources.toyfaces import ToyFaces

    return ToyFaces(options.count, options.size, options.seed)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


_KINDS = {
    "celeba": _Kind(
        "CelebA's aligned photos; masks are drawn from 68 facial landmarks",
        "celeba/ --out faces --size 64",
        _add_celeba_arguments,
        _open_celeba,
    ),
    "deepfashion": _Kind(
        "DeepFashion's fashion synthesis benchmark, masks and colour labels as they come",
        "deepfashion/ --out fashion --size 128",
        _add_deepfashion_arguments,
        _open_deepfashion,
    ),
    "folder": _Kind(
        "your own photos and masks, with a table of labels if you have one",
        "--images photos/ --masks masks/ --classes classes.json --table labels.csv --crop foreground --out mine",
        _add_folder_arguments,
        _open_folder,
    ),
    "toyfaces": _Kind(
        "faces drawn by scgan itself, with exact masks and labels; good for a first try",
        "--count 2000 --size 64 --out toys",
        _add_toyfaces_arguments,
        _open_toyfaces,
    ),
}
