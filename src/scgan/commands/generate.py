"""Make images from masks, attributes and seeds.

Masks come from files, points, a photo or a prepared folder; without any of these, from the model's own examples.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jsonargparse import ArgumentParser, Namespace

from scgan.errors import UserError

if TYPE_CHECKING:
    from scgan.conditions import NamedConditions
    from scgan.synthesizer import Synthesizer


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help="a model folder or a run folder")
    parser.add_argument("--out", required=True, help="the folder for the pictures, their masks and manifest.json")
    parser.add_argument("--masks", help="a mask or a folder of masks: index, palette or colour PNGs")
    parser.add_argument("--landmarks", help="a JSON file of 68 points, fractions of width and height")
    parser.add_argument("--photo", help="a photo of one face; its points are detected")
    parser.add_argument("--data", help="a prepared folder; its test split, or --items")
    parser.add_argument("--items", help="rows of --data, like 3,17")
    parser.add_argument(
        "--attributes", help="like Blond_Hair,Young=0.5; what is not named is 0 (default: the items' own)"
    )
    parser.add_argument("--count", type=int, default=1, help="pictures for each mask")
    parser.add_argument("--seed", type=int, default=0, help="of the first picture; the others count on")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …")
    parser.add_argument("--overwrite", action="store_true", help="replace --out if it exists")


def run(arguments: Namespace) -> None:
    import numpy as np

    from scgan.manifest import write_pictures
    from scgan.outputs import require_absent
    from scgan.synthesizer import load

    out = Path(arguments.out)
    require_absent(out, arguments.overwrite)
    if arguments.count < 1:
        raise UserError(f"--count {arguments.count}: at least 1 picture is needed.")
    synthesizer = load(arguments.model, arguments.device)
    conditions = find_conditions(synthesizer, arguments)
    labels = conditions.attributes
    if arguments.attributes is not None:
        labels = np.broadcast_to(synthesizer.schema.parse_attributes(arguments.attributes), labels.shape)
    count = write_pictures(synthesizer, conditions._replace(attributes=labels), arguments.count, arguments.seed, out)
    print(f"{count} pictures in {out}")


def find_conditions(synthesizer: Synthesizer, arguments: Namespace) -> NamedConditions:
    """The masks that the command line names, else the model's examples."""
    from scgan import conditions

    named = [name for name in ("masks", "landmarks", "photo", "data") if arguments[name] is not None]
    if len(named) > 1:
        raise UserError(f"masks can come from one origin only, not from --{' and --'.join(named)}.")
    if arguments["items"] is not None and arguments.data is None:
        raise UserError("--items needs --data.")
    schema = synthesizer.schema
    if arguments.masks is not None:
        return conditions.from_masks(Path(arguments.masks), schema)
    if arguments.landmarks is not None:
        return conditions.from_points(Path(arguments.landmarks), schema)
    if arguments.photo is not None:
        return conditions.from_photo(Path(arguments.photo), schema)
    if arguments.data is not None:
        return conditions.from_dataset(Path(arguments.data), arguments["items"], schema)
    names = [f"example{index:02}" for index in range(len(synthesizer.examples.segmentations))]
    return conditions.NamedConditions(names, *synthesizer.examples)
