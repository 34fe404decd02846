"""Make a model ready to be passed on: a folder with weights in half precision, graders and a model card.

It is what a repository of the Hugging Face Hub holds. Nothing is uploaded; the last lines say how you do it.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument(
        "--out", type=Path, required=True, help="the folder to make; its name is the model's in the card"
    )
    parser.add_argument("--title", help="one line that says what the model makes")
    parser.add_argument(
        "--data", type=Path, help="the prepared folder it was trained on (default: the run's, if there)"
    )
    parser.add_argument("--data-note", help="for the card: whose pictures these are and what one may do with them")
    parser.add_argument("--license", help="for the card, an identifier of the Hub's, like mit or cc-by-nc-4.0")
    parser.add_argument(
        "--grader", help="a grader's folder, or a model that brings one (default: that of the model or in the cache)"
    )
    parser.add_argument("--attribute-grader", help="the same for the classifier that judges labels")
    parser.add_argument("--overwrite", action="store_true", help="replace --out if it exists")


def run(arguments: Namespace) -> None:
    """Print the files with their sizes, then how to upload them."""
    from scgan.export.folder import export_model

    files = export_model(
        arguments.model,
        arguments.out,
        arguments.title,
        arguments.data,
        arguments.data_note,
        arguments.license,
        arguments.grader,
        arguments.attribute_grader,
        arguments.overwrite,
    )
    width = max(len(file) for file, _ in files)
    for file, size in [*files, ("in all", sum(size for _, size in files))]:
        print(f"{file:<{width}} {size:>12,} bytes")
    out = shlex.quote(str(arguments.out))
    print(f"read {arguments.out / 'README.md'}, complete it, then upload: hf upload owner/name {out}")
