"""Make a strip, a grid or a video of pictures between end points: faces turn and smile, labels and latents change.

End points of masks come from files, points, photos, or items of a prepared folder, else from the model's own
examples. left2right and nosmile2smile find theirs in --data, else take the built-in points; a single face that is given
makes the built-in motion itself. With --and, the pictures become a grid: --along from left to right, --and from top to
bottom. Two paths of one kind need four end points: those of the first row, then those of the last.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL
from scgan.utils.errors import UserError

_OF_FACES = ("left2right", "nosmile2smile", "landmarks")
KINDS = (*_OF_FACES, "shape", "latent", "attributes")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("--along", required=True, choices=KINDS, help="what changes from left to right")
    parser.add_argument("--and", choices=KINDS, help="what changes from top to bottom")
    parser.add_argument("--steps", type=int, default=9, help="pictures along the path, both ends included")
    parser.add_argument("--and-steps", type=int, default=5, help="rows of a grid, both ends included")
    parser.add_argument("--out", required=True, help="a picture (.png) or a video (.gif, .mp4, .webm)")

    parser.add_argument("--masks", nargs="+", help="masks: index, palette or colour PNGs")
    parser.add_argument("--landmarks", nargs="+", help="JSON files of 68 points, fractions of width and height")
    parser.add_argument("--photo", nargs="+", help="photos of one face each; its points are detected")
    parser.add_argument(
        "--as-trained", action="store_true", help="move faces of --landmarks and --photo to where the model's are"
    )
    parser.add_argument("--data", help="a prepared folder")
    parser.add_argument("--items", help="rows of --data, like 3,17")
    parser.add_argument("--builtin", choices=("london", "toy"), default="london", help="whose built-in points")
    parser.add_argument("--labels", nargs="+", help="end points of attributes, like Male,Young Young=0.5")
    parser.add_argument(
        "--seeds", type=int, nargs="+", help="end points of latent (default: --seed and the numbers after it)"
    )
    parser.add_argument("--straight", action="store_true", help="latents on a straight line, not on an arc")

    parser.add_argument("--attributes", help="the label where it does not change (default: the first end point's)")
    parser.add_argument("--seed", type=int, default=0, help="decides the latent where it does not change")
    parser.add_argument("--size", type=int, help="pixels of a picture's side (default: the model's, at least 128)")
    parser.add_argument("--no-masks", action="store_true", help="show the pictures only")
    parser.add_argument("--frame-rate", type=float, default=24.0, help="frames a second of a video")
    parser.add_argument("--ping-pong", action="store_true", help="a video goes there and back")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …")
    parser.add_argument("--overwrite", action="store_true", help="replace --out if it exists")


def run(arguments: Namespace) -> None:
    out = Path(arguments.out)
    _require_possible(arguments, out)

    from PIL import Image

    from scgan.commands.interpolate_inputs import find_inputs
    from scgan.inference.synthesizer import load
    from scgan.interpolation import layout, render
    from scgan.utils.files import atomic_file
    from scgan.utils.video import ping_pong, write_video

    synthesizer = load(arguments.model, arguments.device)
    masks, labels, latents = find_inputs(synthesizer, arguments)
    images = render(synthesizer, masks, labels, latents)
    size = arguments.size or max(128, synthesizer.schema.image_size)
    shown = None if arguments.no_masks else layout.color_masks(masks, synthesizer.schema, size)
    images = layout.resize_images(images, size, smooth=True)
    if out.suffix == ".png":
        with atomic_file(out) as beside:
            Image.fromarray(layout.sheet(images, shown)).save(beside)
    else:
        frames = layout.frames(images, shown)
        write_video(out, ping_pong(frames) if arguments.ping_pong else frames, arguments.frame_rate)
    print(f"{images.shape[0] * images.shape[1]} pictures in {out}")


def _require_possible(arguments: Namespace, out: Path) -> None:
    """Refuse before any work what cannot come to a good end."""
    from scgan.utils.files import refuse_existing_file
    from scgan.utils.video import CONTAINERS, require_writable

    refuse_existing_file(out, arguments.overwrite)
    if out.suffix not in (".png", *CONTAINERS):
        raise UserError(
            f"--out {out} ends in {out.suffix or 'nothing'}: known are .png for a picture and "
            f"{', '.join(CONTAINERS)} for a video."
        )
    if out.suffix != ".png":
        require_writable(out, arguments.frame_rate)
    elif arguments.ping_pong:
        raise UserError(f"--ping-pong is for videos, {out} is a picture.")
    for option in ("steps", "and_steps"):
        if arguments[option] < 2:
            raise UserError(f"--{option.replace('_', '-')} {arguments[option]}: a path has at least its two ends.")
    if arguments.size is not None and not 8 <= arguments.size <= 2048:
        raise UserError(f"--size {arguments.size}: a picture's side is between 8 and 2048 pixels.")
    axes = (arguments.along, arguments["and"])
    if "shape" in axes and {*_OF_FACES} & {*axes}:
        raise UserError(f"--along {axes[0]} --and {axes[1]}: a mask follows either shapes or points, not both.")
    if axes[0] == axes[1] and axes[0] in ("left2right", "nosmile2smile"):
        raise UserError(f"--along {axes[0]} --and {axes[1]} are the same motion: choose another for the rows.")
    for option, kind in (("seeds", "latent"), ("labels", "attributes")):
        if arguments[option] and kind not in axes:
            raise UserError(f"--{option} are end points of --along {kind}; this path has none.")
