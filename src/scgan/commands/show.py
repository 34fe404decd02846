"""Write one self-contained HTML page of what models can do: grids, strips, a moving picture, their scores."""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL
from scgan.utils.errors import UserError


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("models", nargs="*", help=f"each: {MODEL} (default: all that come with scgan)")
    parser.add_argument("--out", type=Path, required=True, help="the page to write")
    parser.add_argument("--seed", type=int, default=0, help="decides the latents")
    parser.add_argument("--overwrite", action="store_true", help="replace --out when it exists")


def run(arguments: Namespace) -> None:
    """Write the page; the last line printed is its absolute path, alone."""
    from scgan.inference.synthesizer import load
    from scgan.models.find import shipped_models
    from scgan.reports.showcase import write_showcase
    from scgan.utils.files import refuse_existing_file

    refuse_existing_file(arguments.out, arguments.overwrite)
    names = list(dict.fromkeys(arguments.models)) or list(shipped_models())
    if not names:
        raise UserError("no model comes with this version of scgan: name one.")
    write_showcase(arguments.out, {name: load(name) for name in names}, arguments.seed)
    print(arguments.out.resolve())
