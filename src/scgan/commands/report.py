"""Write one self-contained HTML page about a training run: images, scores, training data, samples and losses."""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL, PAGE_SUFFIXES, add_no_photos, add_overwrite, add_page, add_seed


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", help=f"{MODEL}; of a run, log and scores.json are shown")
    parser.add_argument("--data", type=Path, required=True, help="the prepared folder")
    add_page(parser)
    add_seed(parser, "of the latents")
    add_no_photos(parser)
    add_overwrite(parser)


def run(arguments: Namespace) -> None:
    """Write the page; the last line printed is its absolute path, alone."""
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import load
    from scgan.models.find import find_model
    from scgan.reports.report import write_report
    from scgan.utils.files import claimed_file

    with claimed_file(arguments.out, arguments.overwrite, PAGE_SUFFIXES):
        dataset = PreparedDataset.open(arguments.data)
        run = find_model(arguments.run)
        write_report(arguments.out, run, load(run), dataset, arguments.seed, photos=not arguments.no_photos)
    print(arguments.out.resolve())
