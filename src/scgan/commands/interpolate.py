"""Generate a strip, a grid or a video along a path: faces turn and smile, masks, attributes and latents change.

A path passes through keyframes. Those of masks and landmarks come from files, photos or items of a prepared folder; by
default they are the model's own examples. left2right and nosmile2smile find two faces in --data, or use built-in
landmarks; a single given face performs the built-in motion. --rows adds a second path from top to bottom. Two paths of
one kind need four keyframes: the ends of the first row, then those of the last.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import (
    MODEL,
    add_align_face,
    add_detector,
    add_device,
    add_engine,
    add_overwrite,
    add_seed,
    mask_sources,
)
from scgan.commands.parser import Seed
from scgan.utils.errors import UserError
from scgan.utils.text import counted

KINDS = ("left2right", "nosmile2smile", "landmarks", "mask", "latent", "attributes")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("--along", required=True, choices=KINDS, help="what changes from left to right")
    parser.add_argument("--rows", choices=KINDS, help="what changes from top to bottom")
    parser.add_argument("--steps", type=int, default=9, help="images along the path, both ends included")
    parser.add_argument("--row-steps", type=int, default=5, help="rows of a grid, both ends included")
    parser.add_argument("--out", type=Path, required=True, help="an image (.png) or a video (.gif, .mp4, .webm)")

    parser.add_argument("--masks", type=Path, nargs="+", help="masks: index, palette or colour PNGs")
    parser.add_argument("--landmarks", type=Path, nargs="+", help="JSON files of 68 landmarks, fractions of the image")
    parser.add_argument("--photo", type=Path, nargs="+", help="photos of one face each, whose landmarks are detected")
    add_align_face(parser)
    add_detector(parser)
    parser.add_argument("--data", type=Path, help="a prepared folder")
    parser.add_argument("--items", help="rows of --data, like 3,17")
    parser.add_argument("--builtin", choices=("london", "toy"), default="london", help="face of the built-in motions")
    parser.add_argument("--attribute-keyframes", nargs="+", help="like Male,Young Young=0.5")
    parser.add_argument(
        "--seed-keyframes", type=Seed, nargs="+", help="seeds of latents (default: --seed and the numbers after it)"
    )
    parser.add_argument("--linear", action="store_true", help="interpolate latents linearly instead of spherically")

    parser.add_argument("--attributes", help="of all images, if they do not change (default: the first keyframe's)")
    add_seed(parser, "seed of the latent, if it does not change")
    parser.add_argument("--size", type=int, help="pixels of an image's side (default: the model's, at least 128)")
    parser.add_argument("--no-masks", action="store_true", help="show no masks")
    parser.add_argument("--frame-rate", type=float, default=24.0, help="frames per second of a video")
    parser.add_argument("--ping-pong", action="store_true", help="play a video forwards, then backwards")
    add_device(parser)
    add_engine(parser)
    add_overwrite(parser)


def run(arguments: Namespace) -> None:
    _check_output(arguments)

    from PIL import Image

    from scgan.inference.synthesizer import load, require_trained
    from scgan.interpolation import layout, render
    from scgan.interpolation.path_inputs import PathRequest, find_inputs
    from scgan.utils.files import atomic_file, claimed_file
    from scgan.utils.video import ping_pong, write_video

    request = PathRequest(
        along=arguments.along,
        rows=arguments.rows,
        steps=arguments.steps,
        row_steps=arguments.row_steps,
        sources=mask_sources(arguments),
        builtin=arguments.builtin,
        attribute_keyframes=tuple(arguments.attribute_keyframes or ()),
        seed_keyframes=tuple(arguments.seed_keyframes or ()),
        linear=arguments.linear,
        attributes=arguments.attributes,
        seed=arguments.seed,
    )
    with claimed_file(arguments.out, arguments.overwrite):
        synthesizer = load(arguments.model, arguments.device, arguments.engine)
        require_trained(synthesizer, arguments.model)
        inputs = find_inputs(synthesizer, request)
        size = arguments.size or max(128, synthesizer.schema.image_size)
        images = layout.resize_images(render(synthesizer, *inputs), size, smooth=True)
        masks = None if arguments.no_masks else layout.color_masks(inputs.masks, synthesizer.schema, size)
        if arguments.out.suffix == ".png":
            with atomic_file(arguments.out) as partial:
                Image.fromarray(layout.sheet(images, masks)).save(partial)
        else:
            frames = layout.frames(images, masks)
            write_video(arguments.out, ping_pong(frames) if arguments.ping_pong else frames, arguments.frame_rate)
    print(f"{counted(images.shape[0] * images.shape[1], 'image')} in {arguments.out}")


def _check_output(arguments: Namespace) -> None:
    """Check, before any work is done, that the output can be written."""
    from scgan.utils.files import refuse_existing_file
    from scgan.utils.video import CONTAINERS, require_writable

    out = arguments.out
    refuse_existing_file(out, arguments.overwrite)
    if out.suffix not in (".png", *CONTAINERS):
        raise UserError(
            f"--out {out} ends in {out.suffix or 'nothing'}: choose .png for an image, or {', '.join(CONTAINERS)} for "
            "a video."
        )
    if out.suffix != ".png":
        require_writable(out, arguments.frame_rate)
    elif arguments.ping_pong:
        raise UserError(f"--ping-pong is for videos, {out} is an image.")
    if arguments.size is not None and not 8 <= arguments.size <= 2048:
        raise UserError(f"--size {arguments.size}: an image's side is between 8 and 2048 pixels.")
