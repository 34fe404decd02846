"""Draw labelled figures of what a model can do, as in the paper's Figures 4 to 7, and one page with all of them.

Masks come from files, points, a photo or a prepared folder; without any of these, from the model's own examples. Real
images stand beside the masks of --data. The points of moving faces are built in.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.generate import add_mask_sources, find_conditions
from scgan.commands.options import MODEL
from scgan.utils.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from scgan.inference.synthesizer import Synthesizer
    from scgan.interpolation.figure_tables import NamedLabels, Pixels
    from scgan.reports.page import Section
    from scgan.utils.figures import ImageTable

_LABELLED_ROWS = 4  # labels in rows: as many as tell what a label does


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("--out", required=True, help="the folder for the figures and index.html")
    add_mask_sources(parser)
    parser.add_argument("--no-real", action="store_true", help="show no real image")
    parser.add_argument("--count", type=int, default=6, help="masks")
    parser.add_argument("--latents", type=int, default=8, help="latents")
    parser.add_argument(
        "--labels", nargs="+", help="like Male,Young Young=0.5 (default: the commonest, then with one change each)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the first latent; the others count on")
    parser.add_argument("--formats", nargs="+", default=["png", "svg"], choices=["png", "svg", "pdf"])
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …")
    parser.add_argument("--overwrite", action="store_true", help="replace --out if it exists")


def run(arguments: Namespace) -> None:
    """The last line printed is the page's absolute path, alone."""
    from scgan.inference.synthesizer import load
    from scgan.reports.page import write_page
    from scgan.utils.figures import require_matplotlib, save_table
    from scgan.utils.files import atomic_folder, refuse_existing_folder

    out = Path(arguments.out)
    refuse_existing_folder(out, arguments.overwrite)
    require_matplotlib()
    for option in ("count", "latents"):
        if arguments[option] < 2:
            raise UserError(f"--{option} {arguments[option]}: at least 2 are needed to compare.")
    synthesizer = load(arguments.model, arguments.device)
    tables = _tables(synthesizer, arguments)
    with atomic_folder(out) as partial:
        for name, table in tables.items():
            for suffix in arguments.formats:
                save_table(partial / f"{name}.{suffix}", table)
        lead = f"Everything is made by one model, after {synthesizer.model.step:,} steps of training."
        write_page(
            partial / "index.html", "What the model can do", lead, [_section(table) for table in tables.values()]
        )
    print((out / "index.html").resolve())


def _tables(synthesizer: Synthesizer, arguments: Namespace) -> dict[str, ImageTable]:
    import numpy as np

    from scgan.interpolation import tables

    conditions = find_conditions(synthesizer, arguments)
    chosen = np.linspace(0, len(conditions.names) - 1, min(arguments.count, len(conditions.names))).astype(int)
    masks = conditions.segmentations[chosen]
    photos = None if arguments.no_real or arguments.data is None else _photos(arguments)[chosen]
    labels = _labels(synthesizer, arguments, conditions.attributes)
    first = arguments.seed
    seeds = range(first, first + arguments.latents)
    found = {
        "masks-by-labels": tables.masks_by_labels(synthesizer, masks, labels, first, photos),
        "labels-by-latents": tables.labels_by_latents(synthesizer, masks[0], labels[:_LABELLED_ROWS], seeds),
    }
    # A single mask of one's own is compared with those of the examples.
    examples = synthesizer.examples.segmentations
    known = (examples[:, None] == masks).all((2, 3)).any(1)
    more = np.concatenate([masks, examples[~known]])
    count = min(len(more), len(labels), len(seeds))
    if count > 1:
        found["one-at-a-time"] = tables.one_at_a_time(synthesizer, more[:count], labels[:count], seeds[:count])
    if synthesizer.schema.landmarks:
        rows = labels[:_LABELLED_ROWS]
        found["nosmile2smile"] = tables.motion_by_labels(synthesizer, "nosmile2smile", rows, first)
        found["left2right"] = tables.motion_by_latents(synthesizer, "left2right", labels[0][1], (first, first + 1))
    return found


def _photos(arguments: Namespace) -> Pixels:
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.conditions import choose_rows

    dataset = PreparedDataset.open(arguments.data)
    return dataset.images[choose_rows(dataset, arguments["items"])]


def _labels(synthesizer: Synthesizer, arguments: Namespace, attributes: NDArray[np.float32]) -> NamedLabels:
    from scgan.reports.pieces import attribute_variations

    schema = synthesizer.schema
    if arguments.labels:
        return [(text or "no attribute", schema.parse_attributes(text)) for text in arguments.labels]
    return attribute_variations(attributes if attributes.any() else synthesizer.examples.attributes, schema)


def _section(table: ImageTable) -> Section:
    """Its pictures as a table of HTML, so that they can be read aloud, enlarged and saved one by one."""
    from scgan.reports.page import Section, matrix, picture

    rows = [
        [
            escape(row),
            *(
                picture(image, f"{row}, {column}" + (f": {table.captions[r, c]}" if (r, c) in table.captions else ""))
                for c, (column, image) in enumerate(zip(table.columns, images, strict=True))
            ),
        ]
        for r, (row, images) in enumerate(zip(table.rows, table.images, strict=True))
    ]
    return Section(table.title, [matrix(["", *table.columns], rows)])
