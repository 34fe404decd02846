"""Find the inputs that make a photo again, and write them as a project that `scgan edit` edits.

The mask is drawn from detected landmarks, found by the model's segmentor or by --parser, or given; attributes are
estimated by the grader beside the model; the latent is found by gradient, from the guess of the model's encoder (`scgan
train-encoder`) if there is one. A small correction of the weights for this photo is stored beside the project. Ctrl-C
writes the best so far; the same command again continues.
"""

from __future__ import annotations

from argparse import BooleanOptionalAction
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL, add_detector, add_device, add_overwrite, add_photo_parser, add_seed
from scgan.utils.errors import UserError


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("photo", type=Path, help="the photo")
    parser.add_argument("--out", type=Path, required=True, help="the project to write (.json)")
    parser.add_argument("--mask", type=Path, help="mask of the whole photo: index, palette or colour PNG")
    parser.add_argument("--landmarks", type=Path, help="a JSON file of 68 landmarks, fractions of the photo")
    add_detector(parser)
    add_photo_parser(parser)
    parser.add_argument("--face", type=int, help="number of the face, from the left, where the photo shows several")
    parser.add_argument("--attributes", default="", help="like Blond_Hair,Young=0.5 (default: all are estimated)")
    parser.add_argument("--steps", type=int, default=150, help="steps of the latent")
    parser.add_argument("--correction-steps", type=int, default=120, help="steps of the correction")
    parser.add_argument(
        "--correction", action=BooleanOptionalAction, default=True, help="correct the weights for this photo"
    )
    parser.add_argument(
        "--encoder", action=BooleanOptionalAction, default=True, help="start from the guess of the model's encoder"
    )
    parser.add_argument("--seconds", type=float, help="time limit (default: none)")
    add_seed(parser, "seed of all random numbers")
    add_device(parser)
    add_overwrite(parser)


def run(arguments: Namespace) -> int:
    """Write the project; returns 128 + number of the signal if it was stopped."""
    from scgan.editing.photo_inversion import InversionRequest, invert_photo
    from scgan.editing.photos import PhotoOptions
    from scgan.engines.names import TORCH
    from scgan.inference.synthesizer import load
    from scgan.inversion.invert import InversionSettings
    from scgan.utils.files import claimed_file
    from scgan.utils.interrupts import defer_interrupts, stop_code
    from scgan.utils.progress import say

    for name in ("steps", "correction_steps"):
        if arguments[name] < 0:
            raise UserError(f"--{name.replace('_', '-')} {arguments[name]}: it must not be negative.")
    if arguments.seconds is not None and not arguments.seconds > 0:
        raise UserError(f"--seconds {arguments.seconds:g}: give a time above 0.")
    request = InversionRequest(
        model=arguments.model,
        photo=arguments.photo,
        options=PhotoOptions(
            mask=arguments.mask,
            landmarks=arguments.landmarks,
            face=arguments.face,
            detector=arguments.detector or "auto",
            parser=arguments.parser,
            parser_classes=tuple(arguments.parser_classes),
        ),
        attributes=arguments.attributes,
        settings=InversionSettings(
            steps=arguments.steps,
            correction_steps=arguments.correction_steps if arguments.correction else 0,
            seed=arguments.seed,
            encoder=arguments.encoder,
        ),
        seconds=arguments.seconds,
    )
    with claimed_file(arguments.out, True, [".json"]):
        synthesizer = load(arguments.model, arguments.device, TORCH)
        with defer_interrupts() as stopped:
            invert_photo(synthesizer, request, arguments.out, stopped, resume=not arguments.overwrite)
            interrupted = stopped()
    print(arguments.out)
    if interrupted:
        say("stopped: the best so far is written; the same command again continues.")
        return stop_code()
    return 0
