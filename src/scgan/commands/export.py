"""Export a model: to a folder for the Hugging Face Hub, to ONNX files, or to a web page that needs no server program.

The folder holds weights in half precision, graders and a model card. Nothing is uploaded; the last line printed is the
command for the upload. --format onnx writes generator, segmentor and graders as one ONNX file each. --format web writes
the page of scgan studio with the model: any static web host serves it, and the browser generates the images.
"""

from __future__ import annotations

import shlex
from inspect import signature
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.api.functions import FORMATS, export
from scgan.commands.options import MODEL, add_overwrite


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="folder",
        help="a folder for the Hub, ONNX files, or a web page with the model",
    )
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
    """Print the files with their sizes, then what to do with them."""
    options = {name: value for name, value in vars(arguments).items() if name in signature(export).parameters}
    files = export(**options)
    if arguments.format == "web":
        command = shlex.join(["python", "-m", "http.server", "--directory", str(arguments.out)])
        last = f"copy the folder to any web host, or try it: {command}, then open http://localhost:8000"
    elif arguments.format == "onnx":
        last = "inputs, outputs, names and license stand in each file; docs/export.md shows how to run them"
    else:
        out = shlex.quote(str(arguments.out))
        last = f"read {arguments.out / 'README.md'}, complete it, then upload: hf upload owner/name {out}"
    width = max(len(file) for file in files)
    for file, size in {**files, "in all": sum(files.values())}.items():
        print(f"{file:<{width}} {size:>12,} bytes")
    print(last)
