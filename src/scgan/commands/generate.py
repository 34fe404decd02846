"""Make images from masks, attributes and seeds.

Masks come from files, points, a photo or a prepared folder; without any of these, from the model's own examples.
With --from, masks, attributes and latents are those of pictures that were made before.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL
from scgan.utils.errors import UserError

if TYPE_CHECKING:
    from scgan.inference.conditions import NamedConditions
    from scgan.inference.manifest import ImageSpec
    from scgan.inference.synthesizer import Synthesizer


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("--out", required=True, help="the folder for the pictures, their masks and manifest.json")
    add_mask_sources(parser)
    parser.add_argument(
        "--from", dest="manifest", help="a manifest.json, or a JSON file saved in the studio: make its pictures again"
    )
    parser.add_argument(
        "--attributes", help="like Blond_Hair,Young=0.5; what is not named is 0 (default: the items' own)"
    )
    parser.add_argument("--count", type=int, help="pictures for each mask (default: 1)")
    parser.add_argument("--seed", type=int, help="of the first picture; the others count on (default: 0)")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …")
    parser.add_argument("--overwrite", action="store_true", help="replace --out if it exists")


def add_mask_sources(parser: ArgumentParser) -> None:
    """The options that ``find_conditions`` reads."""
    parser.add_argument("--masks", help="a mask or a folder of masks: index, palette or colour PNGs")
    parser.add_argument("--landmarks", help="a JSON file of 68 points, fractions of width and height")
    parser.add_argument("--photo", help="a photo of one face; its points are detected")
    parser.add_argument(
        "--as-trained", action="store_true", help="move a face of --landmarks or --photo to where the model's are"
    )
    parser.add_argument("--data", help="a prepared folder; its test split, or --items")
    parser.add_argument("--items", help="rows of --data, like 3,17")


def run(arguments: Namespace) -> None:
    from scgan.inference.manifest import write_images
    from scgan.inference.synthesizer import load
    from scgan.utils.files import refuse_existing_folder

    out = Path(arguments.out)
    refuse_existing_folder(out, arguments.overwrite)
    if arguments.count is not None and arguments.count < 1:
        raise UserError(f"--count {arguments.count}: at least 1 picture is needed.")
    synthesizer = load(arguments.model, arguments.device)
    pictures = _made_before(synthesizer, arguments) if arguments.manifest else _made_new(synthesizer, arguments)
    write_images(synthesizer, pictures, out)
    print(f"{len(pictures)} pictures in {out}")


def _made_new(synthesizer: Synthesizer, arguments: Namespace) -> list[ImageSpec]:
    import numpy as np

    from scgan.inference.manifest import image_specs

    conditions = find_conditions(synthesizer, arguments)
    if arguments.attributes is not None:
        label = synthesizer.schema.parse_attributes(arguments.attributes)
        conditions = conditions._replace(attributes=np.broadcast_to(label, conditions.attributes.shape))
    return image_specs(conditions, arguments.count or 1, arguments.seed or 0)


def _made_before(synthesizer: Synthesizer, arguments: Namespace) -> list[ImageSpec]:
    from scgan.inference.manifest import read_manifest
    from scgan.utils.progress import say

    for name in ("masks", "landmarks", "photo", "data", "items", "attributes", "count", "seed"):
        if arguments[name] is not None:
            raise UserError(f"--from says which mask, attributes and seed each picture has: leave out --{name}.")
    manifest = read_manifest(Path(arguments.manifest), synthesizer.schema)
    if (manifest.data_fingerprint, manifest.step) != (synthesizer.fingerprint, synthesizer.model.step):
        say(
            f"{arguments.manifest} was made with another model (step {manifest.step}, data "
            f"{manifest.data_fingerprint}): the pictures will differ."
        )
    return manifest.image_specs


def find_conditions(synthesizer: Synthesizer, arguments: Namespace) -> NamedConditions:
    """The masks that the command line names, else the model's examples."""
    from scgan.commands.end_points import placed
    from scgan.inference import conditions

    named = [name for name in ("masks", "landmarks", "photo", "data") if arguments[name] is not None]
    if len(named) > 1:
        raise UserError(f"masks can come from one origin only, not from --{' and --'.join(named)}.")
    if arguments["items"] is not None and arguments.data is None:
        raise UserError("--items needs --data.")
    file = arguments.photo if arguments.landmarks is None else arguments.landmarks
    if arguments.as_trained and file is None:
        raise UserError("--as-trained moves a face of --landmarks or --photo.")
    schema = synthesizer.schema
    if arguments.masks is not None:
        return conditions.from_masks(Path(arguments.masks), schema)
    if file is not None:
        read = conditions.from_photo if arguments.landmarks is None else conditions.from_points
        face = read(Path(file), schema)
        return placed(synthesizer, face, file, as_trained=True) if arguments.as_trained else face
    if arguments.data is not None:
        return conditions.from_dataset(Path(arguments.data), arguments["items"], schema)
    names = [f"example{index:02}" for index in range(len(synthesizer.examples.segmentations))]
    return conditions.NamedConditions(names, *synthesizer.examples)
