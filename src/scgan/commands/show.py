"""Write one self-contained HTML page about models: grids, interpolations, an animation and their scores."""

from __future__ import annotations

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL, PAGE_SUFFIXES, add_engine, add_overwrite, add_page, add_seed
from scgan.utils.errors import UserError


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("models", nargs="*", help=f"each: {MODEL} (default: all that come with scgan)")
    add_page(parser)
    add_seed(parser, "of the latents")
    add_engine(parser)
    add_overwrite(parser)


def run(arguments: Namespace) -> None:
    """Write the page; the last line printed is its absolute path, alone."""
    from scgan.inference.synthesizer import load
    from scgan.models.find import shipped_models
    from scgan.reports.showcase import write_showcase
    from scgan.utils.files import claimed_file

    names = list(dict.fromkeys(arguments.models)) or list(shipped_models())
    if not names:
        raise UserError("no model comes with this version of scgan: name one.")
    with claimed_file(arguments.out, arguments.overwrite, PAGE_SUFFIXES):
        write_showcase(arguments.out, {name: load(name, engine=arguments.engine) for name in names}, arguments.seed)
    print(arguments.out.resolve())
