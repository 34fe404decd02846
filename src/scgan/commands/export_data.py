"""Export a prepared folder as a data set of another library.

--format datasets writes a folder for `load_from_disk` of Hugging Face's datasets, --format webdataset tar files for
WebDataset. `scgan prepare folder --images OUT` reads both.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.api.functions import export_data
from scgan.commands.options import add_overwrite
from scgan.exports.data_formats import DATA_FORMATS
from scgan.utils.text import shell_path


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("data", type=Path, help="a prepared folder")
    parser.add_argument(
        "--format",
        choices=DATA_FORMATS,
        required=True,
        help="library that reads it; each needs the extra of its name",
    )
    parser.add_argument("--out", type=Path, required=True, help="the new folder")
    add_overwrite(parser)


def run(arguments: Namespace) -> None:
    """Print where the data set is, and how to prepare it again."""
    dataset = export_data(arguments.data, arguments.out, format=arguments.format, overwrite=arguments.overwrite)
    ignore = " --ignore 255" if dataset.schema.ignored else ""
    size = dataset.schema.image_size
    print(
        f"{len(dataset)} items in {arguments.out}; scgan reads them again: scgan prepare folder --images "
        f"{shell_path(arguments.out)} --size {size}{ignore} --out …"
    )
