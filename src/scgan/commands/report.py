"""Write one self-contained HTML page about a training run: what the model obeys, its data, scores and losses."""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", help=f"{MODEL}; of a run, log and scores.json are shown")
    parser.add_argument("--data", type=Path, required=True, help="the prepared folder")
    parser.add_argument("--out", type=Path, required=True, help="the page to write")
    parser.add_argument("--seed", type=int, default=0, help="decides the latents")
    parser.add_argument("--no-real", action="store_true", help="show no picture of the data set")
    parser.add_argument("--overwrite", action="store_true", help="replace --out when it exists")


def run(arguments: Namespace) -> None:
    """Write the page; the last line printed is its absolute path, alone."""
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import load
    from scgan.models.find import find_model
    from scgan.reports.report import write_report
    from scgan.utils.files import refuse_existing_file

    refuse_existing_file(arguments.out, arguments.overwrite)
    dataset = PreparedDataset.open(arguments.data)
    run = find_model(arguments.run)
    write_report(arguments.out, run, load(run), dataset, arguments.seed, real=not arguments.no_real)
    print(arguments.out.resolve())
