"""Look for what is wrong with a prepared folder, and draw a contact sheet of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jsonargparse import ArgumentParser, Namespace

if TYPE_CHECKING:
    from rich.table import Table

    from scgan.data.inspect.inspect import Inspection
    from scgan.schema import Schema


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("data", type=Path, help="a prepared folder")
    parser.add_argument("--sheet", type=Path, help="where the contact sheet goes; DATA/contact-sheet.png by default")
    parser.add_argument("--count", type=int, default=36, help="items on the contact sheet")
    parser.add_argument("--seed", type=int, default=0, help="decides which items these are")


def run(arguments: Namespace) -> int:
    """Print histograms and findings; 1 when there is an error among these, else 0."""
    from rich.console import Console
    from rich.text import Text

    from scgan.data.inspect.contact_sheet import contact_sheet
    from scgan.data.inspect.inspect import inspect
    from scgan.data.prepared import PreparedDataset
    from scgan.utils.errors import UserError
    from scgan.utils.files import atomic_file
    from scgan.utils.images import png

    if arguments.count < 1:
        raise UserError(f"--count {arguments.count} leaves nothing to draw: give at least 1.")
    dataset = PreparedDataset.open(arguments.data)
    inspection = inspect(dataset)
    console = Console(highlight=False, markup=False)  # names of classes may hold brackets
    console.print(_class_table(inspection, dataset.schema))
    if dataset.schema.attribute_count:
        console.print(_attribute_table(inspection, dataset.schema))
    for finding in inspection.findings:
        style = "red" if finding.severity == "error" else "yellow"
        console.print(Text.assemble((finding.severity, style), f": {finding.text}"), soft_wrap=True)
    if not inspection.findings:
        console.print("nothing is wrong")
    file = arguments.sheet or arguments.data / "contact-sheet.png"
    with atomic_file(file) as beside:
        beside.write_bytes(png(contact_sheet(dataset, arguments.count, arguments.seed)))
    console.print(f"contact sheet: {file}", soft_wrap=True)
    return 1 if inspection.has_errors else 0


def _class_table(inspection: Inspection, schema: Schema) -> Table:
    from rich.table import Table

    table = Table("class", title="classes: share of pixels · share of items that have any", title_justify="left")
    for split, size in inspection.split_sizes.items():
        table.add_column(f"{split} ({size})", justify="right")
    for index, name in enumerate(schema.class_names):
        table.add_row(
            name,
            *(
                f"{inspection.class_pixels[split][index]:.2%} · {inspection.class_items[split][index]:6.1%}"
                for split in inspection.split_sizes
            ),
        )
    return table


def _attribute_table(inspection: Inspection, schema: Schema) -> Table:
    from rich.table import Table

    table = Table("attribute", title="attributes: mean", title_justify="left")
    for split, size in inspection.split_sizes.items():
        table.add_column(f"{split} ({size})", justify="right")
    for index, name in enumerate(schema.attribute_names):
        table.add_row(name, *(f"{means[index]:.1%}" for means in inspection.attribute_means.values()))
    return table
