"""Train the encoder of a model, which guesses the latent of a photo, so that `scgan invert` starts near it.

The encoder learns from images that the model generates, and with --data from photos as well. It is used where it is
found: in the folder "encoder" of the model's folder, or in the user's cache. Ctrl-C saves a checkpoint; the same
command again continues.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL, add_overwrite
from scgan.utils.errors import UserError

_MAX_STEPS = 49_999_999


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("--out", type=Path, help="the encoder's new folder (default: in the user's cache)")
    parser.add_argument(
        "--data",
        type=Path,
        help="a prepared folder: source of masks, attributes and photos (default: masks and attributes of the model's "
        "examples, no photos)",
    )
    parser.add_argument("--steps", type=int, default=1200, help="steps of the training")
    add_overwrite(parser)


def run(arguments: Namespace) -> int:
    """Write the encoder's folder; returns 128 + number of the signal if it was stopped."""
    from scgan.data.prepared import PreparedDataset
    from scgan.engines.names import TORCH
    from scgan.inference.synthesizer import load, require_trained
    from scgan.inversion.encoder import encoder_cache, find_encoder
    from scgan.inversion.encoder_training import train_encoder
    from scgan.utils.files import claimed_folder, refuse_overwriting_inputs
    from scgan.utils.interrupts import stop_code
    from scgan.utils.progress import say

    if not 1 <= arguments.steps <= _MAX_STEPS:
        raise UserError(f"--steps {arguments.steps}: give a number from 1 to {_MAX_STEPS}.")
    dataset = None if arguments.data is None else PreparedDataset.open(arguments.data)
    synthesizer = load(arguments.model, engine=TORCH)
    require_trained(synthesizer, arguments.model)
    model = synthesizer.model
    out = arguments.out or encoder_cache(model)
    refuse_overwriting_inputs(out, [path for path in (model.folder, arguments.data) if path is not None])
    with claimed_folder(out, arguments.overwrite):
        if not train_encoder(model, out, dataset=dataset, steps=arguments.steps):
            say("stopped: a checkpoint is saved; the same command again continues.")
            return stop_code()
        found = find_encoder(model)
    print(out)
    if found is None or found.resolve() != out.resolve():
        say(f"scgan invert finds it in {encoder_cache(model)} or beside the model, in {model.folder}/encoder.")
    return 0
