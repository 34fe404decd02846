"""Check a prepared folder for problems, and draw a contact sheet of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import add_seed
from scgan.utils.tables import Table, print_table

if TYPE_CHECKING:
    from scgan.data.inspect.inspect import Inspection
    from scgan.schema import Schema


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("data", type=Path, help="prepared folder")
    parser.add_argument("--sheet", type=Path, help="file of the contact sheet; by default DATA/contact-sheet.png")
    parser.add_argument("--count", type=int, default=36, help="number of items on the contact sheet")
    add_seed(parser, "seed of the choice of these items")


def run(arguments: Namespace) -> int:
    """Print statistics and findings; returns 1 if there is an error among these, else 0."""
    from rich.console import Console
    from rich.text import Text

    from scgan.data.inspect.contact_sheet import contact_sheet
    from scgan.data.inspect.inspect import inspect
    from scgan.data.prepared import PreparedDataset
    from scgan.utils.errors import UserError
    from scgan.utils.files import atomic_file, refuse_other_suffix
    from scgan.utils.images import png

    if arguments.count < 1:
        raise UserError(f"--count {arguments.count}: at least 1 item is needed.")
    file = arguments.sheet or arguments.data / "contact-sheet.png"
    refuse_other_suffix(file, ".png")
    dataset = PreparedDataset.open(arguments.data, recheck=True)
    inspection = inspect(dataset)
    print_table(_class_table(inspection, dataset.schema))
    if dataset.schema.attribute_count:
        print_table(_attribute_table(inspection, dataset.schema))
    console = Console(highlight=False, markup=False, emoji=False)  # names may hold brackets and colons
    if "detector" in dataset.source:
        terms = (
            "free to use" if dataset.source["detector"] == "mediapipe" else "whose training data exclude commercial use"
        )
        console.print(f"landmarks: found by {dataset.source['detector']}, {terms}", soft_wrap=True)
    for finding in inspection.findings:
        style = "red" if finding.severity == "error" else "yellow"
        console.print(Text.assemble((finding.severity, style), f": {finding.text}"), soft_wrap=True)
    if not inspection.findings:
        console.print("no problems found")
    with atomic_file(file) as partial:
        partial.write_bytes(png(contact_sheet(dataset, arguments.count, arguments.seed)))
    console.print(f"contact sheet: {file}", soft_wrap=True)
    return 1 if inspection.has_errors else 0


def _class_table(inspection: Inspection, schema: Schema) -> Table:
    splits = inspection.split_sizes
    rows = [
        [
            name,
            *(f"{inspection.class_pixels[split][i]:.2%} · {inspection.class_items[split][i]:6.1%}" for split in splits),
        ]
        for i, name in enumerate(schema.class_names)
    ]
    return Table(_header("class", splits), rows, "classes: share of pixels · share of items that have the class")


def _attribute_table(inspection: Inspection, schema: Schema) -> Table:
    rows = [
        [name, *(f"{means[index]:.1%}" for means in inspection.attribute_means.values())]
        for index, name in enumerate(schema.attribute_names)
    ]
    return Table(_header("attribute", inspection.split_sizes), rows, "attributes: mean")


def _header(first: str, split_sizes: dict[str, int]) -> list[str]:
    return [first, *(f"{split} ({size})" for split, size in split_sizes.items())]
