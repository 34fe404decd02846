"""Export a model to a folder for the Hugging Face Hub: weights in half precision, graders and a model card.

Nothing is uploaded; the last line printed is the command for the upload.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL, add_overwrite


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument(
        "--out", type=Path, required=True, help="the new folder; its name is the model's name in the card"
    )
    parser.add_argument("--title", help="one line that describes the model's images")
    parser.add_argument(
        "--data", type=Path, help="the prepared folder it was trained on (default: the run's, if it is still there)"
    )
    parser.add_argument("--data-note", help="for the card: owner and license of the training images")
    parser.add_argument("--license", help="for the card, an identifier of the Hub's, like mit or cc-by-nc-4.0")
    parser.add_argument(
        "--grader", help="a grader's folder, or a model with one (default: that of the model or in the cache)"
    )
    parser.add_argument("--attribute-grader", help="the same as --grader for the classifier that judges attributes")
    add_overwrite(parser)


def run(arguments: Namespace) -> None:
    """Print the files with their sizes, then the command that uploads them."""
    from scgan.export.folder import export_model

    files = export_model(
        arguments.model,
        arguments.out,
        title=arguments.title,
        data=arguments.data,
        data_note=arguments.data_note,
        license=arguments.license,
        grader=arguments.grader,
        attribute_grader=arguments.attribute_grader,
        overwrite=arguments.overwrite,
    )
    width = max(len(file) for file, _ in files)
    for file, size in [*files, ("in all", sum(size for _, size in files))]:
        print(f"{file:<{width}} {size:>12,} bytes")
    out = shlex.quote(str(arguments.out))
    print(f"read {arguments.out / 'README.md'}, complete it, then upload: hf upload owner/name {out}")
